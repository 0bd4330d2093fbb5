// SPDX-License-Identifier: Apache-2.0
#include "kubectl/process/event.hpp"

#include <poll.h>
#include <sys/eventfd.h>

#include <cstdint>

namespace rsf::kubectl::process {

Event::Event() : eventfd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (!eventfd_) throw_errno("eventfd");
}

// A counter that is full is set already, and one that is empty is reset: neither failure matters.
void Event::set() const {
    const std::uint64_t one = 1;
    static_cast<void>(!::write(eventfd_.get(), &one, sizeof one));
}

void Event::reset() const {
    std::uint64_t count = 0;
    static_cast<void>(!::read(eventfd_.get(), &count, sizeof count));
}

bool Event::is_set() const {
    pollfd polled{eventfd_.get(), POLLIN, 0};
    return ::poll(&polled, 1, 0) > 0;
}

} // namespace rsf::kubectl::process
