// SPDX-License-Identifier: Apache-2.0
//
// What one driver instance may call on, whoever hosts it: the log and other targets. Lives longer than the instance. Thread-safe.
#pragma once

#include "drivers/answer_sink.hpp"
#include "drivers/call.hpp"

#include <resourcifier/call.h>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace rsf::drivers {

class Host {
  public:
    Host() = default;
    Host(const Host &) = delete;
    Host &operator=(const Host &) = delete;
    virtual ~Host() = default;

    // Between these two, during which given stays as it is, the driver is in these calls, of which frames are its views. All of
    // them, or none when it throws. Any other frame that the driver names is only compared, never looked into.
    virtual void began(std::span<const rsf_call *const> frames, std::span<const Call> given) = 0;
    virtual void ended(std::span<const rsf_call *const> frames) = 0;

    // rsf.target/1: a call on the target other, during the call of that frame. Waits for its end.
    virtual bool reaches_others() const = 0;
    virtual Said ask(const rsf_call *during, std::string_view other, Call call) = 0;
    virtual Said describe(std::string_view other) = 0;

    // rsf.log/1. call: null, or the frame of the call that the line is about.
    virtual void write(const rsf_call *call, std::int32_t level, std::string_view message) = 0;

    // A line about the driver that it has no part in.
    virtual void write_about(std::int32_t level, std::string_view message) = 0;

    // Texts that nobody may be shown.
    virtual const std::vector<std::string> &secrets() const = 0;
};

} // namespace rsf::drivers
