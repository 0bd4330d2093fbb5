// SPDX-License-Identifier: Apache-2.0
#include "support/catch.hpp"

#include "kubectl/process/child.hpp"
#include "kubectl/process/deadline.hpp"

#include <poll.h>

#include <thread>

namespace {

using namespace rsf;
using namespace rsf::kubectl::process;

const auto an_hour = [] { return Deadline::Clock::now() + std::chrono::hours(1); };

} // namespace

TEST_CASE("an event is set until it is reset, and poll(2) sees it") {
    const Event event;
    CHECK_FALSE(event.is_set());
    event.set();
    event.set();
    CHECK(event.is_set());
    pollfd polled{event.descriptor(), POLLIN, 0};
    CHECK(::poll(&polled, 1, -1) == 1);
    event.reset();
    CHECK_FALSE(event.is_set());
    event.reset(); // has no effect
    CHECK_FALSE(event.is_set());
}

// The time is an hour: only the descriptor or an event can end these waits.
TEST_CASE("a wait ends when its descriptor is ready, and at once when either of its events is set") {
    Pipe pipe = make_pipe();
    const Event first, second;
    const Deadline deadline(an_hour(), first, second);
    CHECK_FALSE(deadline.is_over());
    ssize_t written = 0; // looked at by one thread alone: Catch's checks are for one thread
    std::thread writer([&] { written = ::write(pipe.write.get(), "x", 1); });
    CHECK(deadline.wait_until_ready(pipe.read.get(), POLLIN));
    writer.join();
    CHECK(written == 1);

    const Pipe silent = make_pipe();
    for (const Event *event : {&first, &second}) {
        std::thread setter([&] { event->set(); });
        CHECK_FALSE(deadline.wait_until_ready(silent.read.get(), POLLIN));
        setter.join();
        CHECK(deadline.is_over());
        CHECK_THROWS_AS(deadline.wait(std::chrono::hours(1)), Error);
        event->reset();
    }
}

TEST_CASE("a wait ends when its time is over") {
    const Pipe silent = make_pipe();
    const auto until = Deadline::Clock::now() + std::chrono::milliseconds(20);
    CHECK_FALSE(Deadline(until).wait_until_ready(silent.read.get(), POLLIN));
    CHECK(Deadline::Clock::now() >= until);
    CHECK_THROWS_AS(Deadline(until).check(), Error);
}
