// SPDX-License-Identifier: Apache-2.0
#include "http/overload/reserve_fds.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>

namespace rsf::http {

ReserveFds::ReserveFds() {
    descriptors_.fill(-1);
    refill();
}

ReserveFds::~ReserveFds() {
    for (const int fd : descriptors_)
        if (fd >= 0) ::close(fd);
}

bool ReserveFds::give() {
    const shared::Lock lock(mutex_);
    const auto kept = std::ranges::find_if(descriptors_, [](int fd) { return fd >= 0; });
    if (kept == descriptors_.end()) return false;
    ::close(*kept);
    *kept = -1;
    is_full_ = false;
    return true;
}

bool ReserveFds::refill() {
    if (is_full_) return true;
    const shared::Lock lock(mutex_);
    for (int &fd : descriptors_)
        if (fd < 0 && (fd = ::open("/dev/null", O_RDONLY | O_CLOEXEC)) < 0) return false;
    return is_full_ = true;
}

} // namespace rsf::http
