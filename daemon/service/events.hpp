// SPDX-License-Identifier: Apache-2.0
//
// What the daemon's main thread waits for: signals, and requests on the control socket.
#pragma once

#include "service/control.hpp"

#include <csignal>
#include <memory>
#include <optional>
#include <variant>

namespace rsf::service {

// SIGTERM and SIGINT: end. SIGHUP: read the settings again.
struct Signal {
    int number = 0;
};

// Whether the daemon is to end: for work on the thread that would receive the signal, which is blocked and waits.
bool end_is_asked();

class Events {
  public:
    // Blocks these signals, for this thread and all that it starts from now on, so that wait() alone receives them.
    Events();

    // Requests that come to control are waited for too.
    void attend(std::unique_ptr<ControlSocket> control) { control_ = std::move(control); }

    // The next one.
    std::variant<Signal, ControlRequest> wait();

  private:
    sigset_t set_{};
    FileDescriptor signals_; // signalfd(2)
    std::unique_ptr<ControlSocket> control_;
};

} // namespace rsf::service
