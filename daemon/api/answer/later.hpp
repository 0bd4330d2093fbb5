// SPDX-License-Identifier: Apache-2.0
//
// Renders answers that take long on other threads. Thread-safe.
#pragma once

#include "api/answer/problems.hpp"
#include "base/log_fwd.hpp"

#include <functional>
#include <string>

namespace rsf::api {

// Queues work for a thread that has an ordinary stack and may be busy for a while. Drops it when the server is shutting down.
using Offload = std::function<void(std::function<void()>)>;

// Copied into the callbacks that targets are given.
struct Later {
    Offload offload;
    Log log;

    // What work throws becomes a 500 to respond, here and below.
    void operator()(std::string request_id, Respond respond, std::function<Response()> work) const;
    // On this thread.
    void now(const std::string &request_id, const Respond &respond, const std::function<Response()> &work) const;
    // The same for work that responds by itself.
    void guard(const std::string &request_id, const Respond &respond, const std::function<void()> &work) const;
};

} // namespace rsf::api
