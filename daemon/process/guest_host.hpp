// SPDX-License-Identifier: Apache-2.0
//
// What the instance in a driver's process calls on: the daemon, over the lines to it.
#pragma once

#include "drivers/host.hpp"
#include "process/line.hpp"

#include <cstdint>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <vector>

namespace rsf::process {

// A line on which the daemon sends one request after another. Thread-safe.
class GuestChannel {
  public:
    explicit GuestChannel(FileDescriptor socket) : line(std::move(socket)) {}

    // The request that is now to be answered. Its stop source is stopped once it is cancelled, which may have been before.
    std::stop_source begin(std::uint64_t request);
    void cancel(std::uint64_t request);

    Line line;
    // Held by whoever asks the daemon something during the request: who waits for what comes on the line.
    std::mutex asking;

  private:
    std::mutex mutex_;
    std::uint64_t request_ = 0;   // guarded by mutex_
    std::uint64_t cancelled_ = 0; // guarded by mutex_; the last one that was
    std::stop_source stop_;       // guarded by mutex_
};

class GuestHost final : public drivers::Host {
  public:
    GuestHost(std::shared_ptr<Line> control, std::vector<std::string> secrets, bool reaches_others);

    // From now on calls that begin on this thread belong to channel, which lives as long as the thread.
    void serve_on_this_thread(GuestChannel &channel);
    // The daemon's answer to describe().
    void described(Described described);

    void began(std::span<const rsf_call *const> frames, std::span<const drivers::Call> given) override;
    // Waits for what was asked of the daemon during these calls: it answers on the line that they are on.
    void ended(std::span<const rsf_call *const> frames) override;
    bool reaches_others() const override { return reaches_others_; }
    drivers::Said ask(const rsf_call *during, std::string_view other, drivers::Call call) override;
    drivers::Said describe(std::string_view other) override;
    void write(const rsf_call *call, std::int32_t level, std::string_view message) override;
    void write_about(std::int32_t level, std::string_view message) override { write(nullptr, level, message); }
    const std::vector<std::string> &secrets() const override { return secrets_; }

  private:
    struct UnderWay {
        const rsf_call *frame = nullptr;
        GuestChannel *channel = nullptr;
        std::uint64_t request = 0;
        std::uint64_t index = 0; // of the call within the request
    };
    UnderWay find(const rsf_call *frame);

    const std::shared_ptr<Line> control_;
    const std::vector<std::string> secrets_;
    const bool reaches_others_;

    std::mutex mutex_;
    std::vector<UnderWay> under_way_;                                 // guarded by mutex_; few
    std::map<std::uint64_t, std::promise<drivers::Said>> describing_; // guarded by mutex_
    std::uint64_t last_described_ = 0;                                // guarded by mutex_
};

} // namespace rsf::process
