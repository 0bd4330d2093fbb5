// SPDX-License-Identifier: Apache-2.0
//
// What the daemon offers one driver instance: lines in its log and about its calls, and calls on other targets during a call of
// the instance's own.
#pragma once

#include "base/log.hpp"
#include "drivers/host.hpp"
#include "drivers/line_budget.hpp"
#include "drivers/other_targets.hpp"
#include "shared/mutex.hpp"

#include <functional>
#include <memory>
#include <stop_token>

namespace rsf::drivers {

class DriverHost final : public Host {
  public:
    // secrets: texts that no line of the log may hold. others: what rsf.target/1 reaches; null: it is not offered.
    DriverHost(std::string target_name, std::vector<std::string> secrets, std::shared_ptr<OtherTargets> others, Log log);

    // Log lines that name a frame carry its call's request id. Calls on other targets that are made during it are cancelled with
    // it.
    void began(std::span<const rsf_call *const> frames, std::span<const Call> given) override;
    void ended(std::span<const rsf_call *const> frames) override;

    bool reaches_others() const override { return others_ != nullptr; }
    RawAnswer ask(const rsf_call *during, std::string_view other, Call call) override;
    RawAnswer describe(std::string_view other) override;

    // One line, of at most 4 KiB: control characters escaped, secrets hidden. A driver that writes too many loses some, and one
    // line says how many.
    void write(const rsf_call *call, std::int32_t level, std::string_view message) override;

    // Told to the call and, for debugging, to the log. A driver that says too much of a call is not heard for a while.
    void progress(const rsf_call *call, std::string_view line) override;

    void write_about(std::int32_t level, std::string_view message) override;

    const std::vector<std::string> &secrets() const override { return secrets_; }

  private:
    void write_line(std::int32_t level, std::string_view request_id, std::string_view message);
    // Ends the calls on other targets that were made during a call, when that is over or cancelled.
    struct Asking {
        explicit Asking(const Call &during);

        std::stop_source end;
        std::stop_callback<std::function<void()>> cancelled;
    };
    // A call of the daemon that the driver is carrying out.
    struct UnderWay {
        const rsf_call *frame;
        const Call *given;
        std::shared_ptr<const Asking> asking; // null: no other target was called
        LineBudget progress;
    };
    std::vector<UnderWay>::iterator find(const rsf_call *frame) REQUIRES(mutex_);
    void end(const rsf_call *frame);

    // constant after construction
    const std::string target_;
    const std::vector<std::string> secrets_;
    const std::shared_ptr<OtherTargets> others_;
    const Log log_;

    shared::Mutex mutex_;
    std::vector<UnderWay> under_way_ GUARDED_BY(mutex_); // few
    LineBudget budget_ GUARDED_BY(mutex_){2000, 200};    // of the log
};

} // namespace rsf::drivers
