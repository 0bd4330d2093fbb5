// SPDX-License-Identifier: Apache-2.0
//
// The host of the instance in a driver process: it reaches the daemon over the channels.
#pragma once

#include "drivers/host.hpp"
#include "process/frame_socket.hpp"
#include "shared/mutex.hpp"

#include <cstdint>
#include <future>
#include <map>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

namespace rsf::process {

// The driver process's end of a call channel, on which the daemon sends one request after another. Thread-safe.
class CallChannel {
  public:
    explicit CallChannel(FileDescriptor given) : socket(std::move(given)) {}

    // Begins a request. The returned source is stopped when the request is cancelled, or is stopped already.
    std::stop_source begin(std::uint64_t request);
    void cancel(std::uint64_t request);

    FrameSocket socket;
    // Held by the thread that asks the daemon during the request: only that thread reads from the socket.
    shared::Mutex asking;

  private:
    shared::Mutex mutex_;
    std::uint64_t request_ GUARDED_BY(mutex_) = 0;
    std::uint64_t cancelled_ GUARDED_BY(mutex_) = 0; // the last one that was cancelled
    std::stop_source stop_ GUARDED_BY(mutex_);
};

class RemoteHost final : public drivers::Host {
  public:
    RemoteHost(std::shared_ptr<FrameSocket> control, std::vector<std::string> secrets, bool reaches_others);

    // From now on calls that begin on this thread belong to channel, which lives as long as the thread.
    void serve_on_this_thread(CallChannel &channel);
    // The daemon's answer to describe().
    void described(Described described);

    void began(std::span<const rsf_call *const> frames, std::span<const drivers::Call> given) override;
    // Waits for what was asked of the daemon during these calls: it answers on the channel that they are on.
    void ended(std::span<const rsf_call *const> frames) override;
    bool reaches_others() const override { return reaches_others_; }
    drivers::RawAnswer ask(const rsf_call *during, std::string_view other, drivers::Call call) override;
    drivers::RawAnswer describe(std::string_view other) override;
    void write(const rsf_call *call, std::int32_t level, std::string_view message) override;
    void progress(const rsf_call *call, std::string_view line) override;
    void write_about(std::int32_t level, std::string_view message) override { write(nullptr, level, message); }
    const std::vector<std::string> &secrets() const override { return secrets_; }

  private:
    struct UnderWay {
        const rsf_call *frame = nullptr;
        CallChannel *channel = nullptr;
        std::uint64_t request = 0;
        std::uint64_t index = 0; // of the call within the request
    };
    UnderWay find(const rsf_call *frame);

    const std::shared_ptr<FrameSocket> control_;
    const std::vector<std::string> secrets_;
    const bool reaches_others_;

    shared::Mutex mutex_;
    std::vector<UnderWay> under_way_ GUARDED_BY(mutex_); // few
    std::map<std::uint64_t, std::promise<drivers::RawAnswer>> describing_ GUARDED_BY(mutex_);
    std::uint64_t last_described_ GUARDED_BY(mutex_) = 0;
};

} // namespace rsf::process
