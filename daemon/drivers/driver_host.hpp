// SPDX-License-Identifier: Apache-2.0
//
// What one driver instance may call: the driver ABI's rsf_host with rsf.log/1 and rsf.target/1. Lives longer than the instance.
// Thread-safe.
#pragma once

#include "drivers/call.hpp"
#include "drivers/other_targets.hpp"
#include "log.hpp"

#include <resourcifier/call.h>
#include <resourcifier/host.h>

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace rsf::daemon {

class DriverHost : public rsf_host {
  public:
    // secrets: texts that no line of the log may hold. others: what rsf.target/1 reaches; null: it is not offered.
    DriverHost(std::string target_name, std::vector<std::string> secrets, std::shared_ptr<OtherTargets> others, Log log);
    DriverHost(const DriverHost &) = delete;
    DriverHost &operator=(const DriverHost &) = delete;

    // Between these two, during which given stays as it is, log lines that name frame carry given's request id, and calls on
    // other targets may be made during it; they are cancelled with it. Any other call is only compared, never looked into.
    void began(const rsf_call *frame, const Call &given);
    // Of a batch: all of it, or none when it throws.
    void began(const std::vector<const rsf_call *> &frames, const std::vector<Call> &given);
    void ended(const rsf_call *frame);

    // rsf.target/1.
    Answer ask(const rsf_call *during, std::string_view other, const rsf_call &call) const;
    Result<boost::json::object> describe(std::string_view other) const { return others_->describe(other); }
    bool reaches_others() const { return others_ != nullptr; }

    // One line in the daemon's log, of at most 4 KiB: control characters escaped, secrets hidden.
    void write(const rsf_call *call, std::int32_t level, std::string_view message) const;

    const std::vector<std::string> &secrets() const { return secrets_; }

  private:
    // Ends what was asked of other targets during a call, when that is over or cancelled.
    struct Asking {
        explicit Asking(const Call &during);

        std::stop_source end;
        std::stop_callback<std::function<void()>> cancelled;
    };
    // A call of the daemon's that the driver is in.
    struct UnderWay {
        const rsf_call *frame;
        const Call *given;
        std::shared_ptr<const Asking> asking; // null: nothing was asked
    };
    std::vector<UnderWay>::iterator find(const rsf_call *frame) const;

    // constant after construction
    std::string target_;
    std::vector<std::string> secrets_;
    std::shared_ptr<OtherTargets> others_;
    Log log_;

    mutable std::mutex mutex_;
    mutable std::vector<UnderWay> under_way_; // guarded by mutex_; few
};

} // namespace rsf::daemon
