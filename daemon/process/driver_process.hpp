// SPDX-License-Identifier: Apache-2.0
//
// One process of a driver, from its start to its end, as the daemon sees it. One thread starts it, watches it and reaps it; any
// others send it requests meanwhile.
#pragma once

#include "drivers/abi/driver_library.hpp"
#include "drivers/host.hpp"
#include "process/child_process.hpp"
#include "process/frame_socket.hpp"
#include "process/limits.hpp"
#include "shared/mutex.hpp"

#include <algorithm>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace rsf::process {

// How a process ended, for people. fault: why it was killed, or empty; end: "ended its own process with exit code 0".
// Only where it was killed is the fault the cause.
std::string how_it_ended(const std::string &fault, const std::string &end);

// What a process of a driver is started with, and each one that replaces it.
struct ProcessOptions {
    std::string program; // the daemon's own
    std::shared_ptr<const drivers::DriverFile> file;
    std::string target; // what the settings call it; for people
    ProcessLimits limits;
    std::chrono::milliseconds abandon_after{5'000}; // after a deadline, before the process is ended
    int stop_fd = -1;                               // a descriptor; once it is readable, starting and watching stop early
    std::function<void()> restarting{};             // called before each start but the first; may be empty
};

class DriverProcess : public std::enable_shared_from_this<DriverProcess> {
  public:
    using Clock = FrameSocket::Clock;

    // Starts the process, which loads the driver. host: for what the process writes; it outlives this object.
    static Result<std::shared_ptr<DriverProcess>> start(const ProcessOptions &options, std::shared_ptr<drivers::Host> host);
    ~DriverProcess();

    // The driver's descriptor.
    const drivers::Descriptor &descriptor() const { return descriptor_; }

    // Makes the instance, and returns what it offers.
    Result<drivers::Offered> create(const Creation &creation);

    // Reads what the process sends outside of calls, until it ended or a stop is requested. False: it ended.
    bool attend();
    // Has the instance destroyed and the process end; waits for it for abandon_after at most.
    void end();

    // ---- any thread ----

    // Why a request has no answer. The process is killed then.
    struct Lost {
        drivers::Failure failure; // says how the process ended: "was ended by signal 11 (Segmentation fault)"
        bool unread = false;      // whether the process never read the request
    };

    // One request and its answer, which is written to answer. calls: the calls in it, which the host knows meanwhile. what: for
    // messages.
    template <class... Sent, class Answer>
    std::optional<Lost> converse(Kind kind, std::span<const drivers::Call> calls, std::string_view what,
                                 Clock::time_point deadline, Answer &answer, const Sent &...sent) {
        return converse_with(
            calls, what, std::max(deadline, Clock::now()) + abandon_after_,
            [&](FrameSocket &socket, std::uint64_t request, const FrameSocket::Until &until) {
                return socket.send(kind, request, until, sent...);
            },
            [&](Frame &frame) { return frame.read(answer); });
    }

    // 0: it ended.
    pid_t pid();
    // Whether it ended, or is about to.
    bool is_over();
    // How it ended, in words; waits for a process that is about to end.
    std::string end_in_words();

  private:
    // The daemon's end of a call channel, for one call at a time.
    struct Channel {
        std::uint64_t number;
        FrameSocket socket;
        std::uint64_t request = 0; // the last one
    };

    static Result<std::shared_ptr<DriverProcess>> start_or_throw(const ProcessOptions &options,
                                                                 std::shared_ptr<drivers::Host> host);
    DriverProcess(const ProcessOptions &options, ChildProcess process, FileDescriptor control, FileDescriptor output,
                  std::shared_ptr<drivers::Host> host);

    std::optional<Lost>
    converse_with(std::span<const drivers::Call> calls, std::string_view what, Clock::time_point until,
                  const std::function<FrameSocket::Status(FrameSocket &, std::uint64_t, const FrameSocket::Until &)> &send,
                  const std::function<bool(Frame &)> &read);
    FrameSocket::Status listen(Channel &channel, std::span<const rsf_call *const> frames, const FrameSocket::Until &until,
                               const FrameSocket::Admit &admit, const std::function<bool(Frame &)> &read, bool &reply);
    Lost lost(FrameSocket::Status how, std::string_view what, bool unread);
    std::unique_ptr<Channel> take_channel(FrameSocket::Status &status);
    void give_back(std::unique_ptr<Channel> channel);

    Result<Frame> expect(Kind kind, const char *during);
    bool attend_once(Clock::time_point until, std::optional<Frame> *wanted);
    bool attend_safely(Clock::time_point until);
    bool is_stop_requested() const;
    bool has_ended();
    void hear(Frame &frame);
    void read_output();
    void write_output(std::string_view line);
    void renew_cpu_limit();
    void expect_end();
    void kill_and_reap(std::string why);
    void kill_because(std::string why);
    void ended();

    // constant once begun
    const std::chrono::milliseconds abandon_after_;
    const int stop_fd_;
    const ProcessLimits limits_;
    const std::filesystem::path file_;
    const std::shared_ptr<drivers::Host> host_;
    drivers::Descriptor descriptor_;

    ChildProcess process_; // reaped under mutex_
    FrameSocket control_;  // received from by the attending thread

    // of the attending thread
    FileDescriptor output_;
    std::string output_line_; // what was read of a line that has not ended
    Clock::time_point cpu_renewed_{};
    std::int64_t cpu_granted_ = 0; // seconds in all; 0: not limited yet
    int heard_after_end_ = 0;      // frames
    bool obeys_stop_ = true;

    shared::Mutex mutex_;
    shared::Condition changed_;
    std::vector<std::unique_ptr<Channel>> idle_ GUARDED_BY(mutex_);
    std::uint64_t channels_ GUARDED_BY(mutex_) = 0;     // how many were opened
    std::string ruined_ GUARDED_BY(mutex_);             // why it was killed, as "did something, so that"
    std::optional<std::string> end_ GUARDED_BY(mutex_); // how it ended
};

} // namespace rsf::process
