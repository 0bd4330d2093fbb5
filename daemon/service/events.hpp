// SPDX-License-Identifier: Apache-2.0
//
// What the daemon's main thread waits for: signals, and requests on the control socket.
#pragma once

#include "service/control.hpp"

#include <chrono>
#include <csignal>
#include <memory>
#include <optional>
#include <variant>

namespace rsf::service {

// SIGTERM and SIGINT: end. SIGHUP: read the settings again.
struct Signal {
    int number = 0;
};

// Whether a signal to end is pending: for work on the thread that would receive it in wait().
bool end_is_asked();

class Events {
  public:
    // Blocks these signals, for this thread and all that it starts from now on, so that wait() alone receives them.
    Events();

    // From now on wait() also returns requests to control; null: none.
    void attend(std::unique_ptr<ControlSocket> control) { control_ = std::move(control); }

    using Event = std::variant<Signal, ControlRequest>;
    // The next one.
    Event wait();
    // The same; none: until passed first.
    std::optional<Event> wait_until(std::chrono::steady_clock::time_point until);

  private:
    std::optional<Event> wait_for_one(std::optional<std::chrono::steady_clock::time_point> until);

    sigset_t set_{};
    FileDescriptor signals_; // signalfd(2)
    std::unique_ptr<ControlSocket> control_;
};

} // namespace rsf::service
