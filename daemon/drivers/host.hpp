// SPDX-License-Identifier: Apache-2.0
//
// What one driver instance may call, in the daemon and in a driver process: the log, progress and other targets. Lives longer
// than the instance. Thread-safe.
#pragma once

#include "drivers/abi/answer_sink.hpp"
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

    // Between these two the driver is carrying out these calls; given does not change meanwhile, and frames are its views of
    // them. If it throws, none of them has begun. Any other frame that the driver names is only compared, never read.
    virtual void began(std::span<const rsf_call *const> frames, std::span<const Call> given) = 0;
    virtual void ended(std::span<const rsf_call *const> frames) = 0;

    // rsf.target/1: a call on the target other, during the call of that frame. Waits for its end.
    virtual bool reaches_others() const = 0;
    virtual RawAnswer ask(const rsf_call *during, std::string_view other, Call call) = 0;
    virtual RawAnswer describe(std::string_view other) = 0;

    // rsf.log/1. call: null, or the frame of the call that the line is about.
    virtual void write(const rsf_call *call, std::int32_t level, std::string_view message) = 0;

    // rsf.progress/1. call: the frame of a call; of one that is not under way nothing is said.
    virtual void progress(const rsf_call *call, std::string_view line) = 0;

    // A line about the driver that the daemon itself writes.
    virtual void write_about(std::int32_t level, std::string_view message) = 0;

    // Texts that are never shown.
    virtual const std::vector<std::string> &secrets() const = 0;
};

} // namespace rsf::drivers
