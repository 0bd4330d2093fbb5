// SPDX-License-Identifier: Apache-2.0
//
// One process of a driver, from its start to its end, as the daemon sees it. One thread begins it, attends to it and sees its
// end; any others converse with it meanwhile.
#pragma once

#include "drivers/driver_library.hpp"
#include "drivers/host.hpp"
#include "process/child_process.hpp"
#include "process/limits.hpp"
#include "process/line.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace rsf::process {

// How a process ended, for people. fault: for what it was to be ended, or empty; end: "ended its own process with exit code 0".
// Only where it was killed is the fault the cause.
std::string how_it_ended(const std::string &fault, const std::string &end);

// What begins a life, and every one after it.
struct Birth {
    std::string program; // the daemon's own
    std::shared_ptr<const drivers::DriverFile> file;
    std::string target; // what the settings call it; for people
    ProcessLimits limits;
    std::chrono::milliseconds patience{5'000}; // with what is late, before the process is ended
    int hurry = -1; // a descriptor; once it is readable, whoever begins or attends to a life is wanted elsewhere
    std::function<void()> restarting{}; // called before each life but the first; may be empty
};

class Life : public std::enable_shared_from_this<Life> {
  public:
    using Clock = Line::Clock;

    // Starts the process, which loads the driver. host: for what the process writes; whoever it is told of lives longer.
    static Result<std::shared_ptr<Life>> begin(const Birth &birth, std::shared_ptr<drivers::Host> host);
    ~Life();

    // What the driver says of itself.
    const drivers::Descriptor &descriptor() const { return descriptor_; }

    // Makes the instance, and returns what it offers.
    Result<drivers::Offered> create(const Creation &creation);

    // Reads what the process has to say outside of calls, until it ended or there is hurry. False: it ended.
    bool attend();
    // Has the instance destroyed and the process end; not waiting for it longer than the patience.
    void end();

    // ---- any thread ----

    // Why a request has no answer. The process does not survive that.
    struct Lost {
        drivers::Failure failure; // says what became of the process: "was ended by signal 11 (Segmentation fault)"
        bool unheard = false;     // whether the process never read the request
    };

    // One request and its answer, which is written to answer. calls: what it is about, for which the host is there meanwhile.
    // what: for messages.
    template <class... Sent, class Answer>
    std::optional<Lost> converse(Kind kind, std::span<const drivers::Call> calls, std::string_view what,
                                 Clock::time_point deadline, Answer &answer, const Sent &...sent) {
        return converse_with(
            calls, what, std::max(deadline, Clock::now()) + patience_,
            [&](Line &line, std::uint64_t request, const Line::Until &until) { return line.send(kind, request, until, sent...); },
            [&](Frame &frame) { return frame.read(answer); });
    }

    // 0: it ended.
    pid_t process();
    // Whether it ended, or is about to.
    bool is_over();
    // How it ended, in words, waiting for the end of one that is to end.
    std::string end_in_words();

  private:
    // A line for one call at a time.
    struct Channel {
        std::uint64_t number;
        Line line;
        std::uint64_t request = 0; // the last one
    };

    static Result<std::shared_ptr<Life>> start(const Birth &birth, std::shared_ptr<drivers::Host> host);
    Life(const Birth &birth, ChildProcess process, FileDescriptor control, FileDescriptor output,
         std::shared_ptr<drivers::Host> host);

    std::optional<Lost> converse_with(std::span<const drivers::Call> calls, std::string_view what, Clock::time_point until,
                                      const std::function<Line::Status(Line &, std::uint64_t, const Line::Until &)> &send,
                                      const std::function<bool(Frame &)> &read);
    Line::Status listen(Channel &channel, std::span<const rsf_call *const> frames, const Line::Until &until,
                        const Line::Admit &admit, const std::function<bool(Frame &)> &read, bool &heard);
    Lost lost(Line::Status how, std::string_view what, bool unheard);
    std::unique_ptr<Channel> take_channel(Line::Status &status);
    void give_back(std::unique_ptr<Channel> channel);

    Result<Frame> expect(Kind kind, const char *during);
    bool attend_once(Clock::time_point until, std::optional<Frame> *wanted);
    bool attend_safely(Clock::time_point until);
    bool has_hurry() const;
    bool has_ended();
    void hear(Frame &frame);
    void read_output();
    void write_output(std::string_view line);
    void renew_cpu_limit();
    void see_end();
    void bring_to_end(std::string why);
    void ruin(std::string why);
    void ended();

    // constant once begun
    const std::chrono::milliseconds patience_;
    const int hurry_;
    const ProcessLimits limits_;
    const std::filesystem::path file_;
    const std::shared_ptr<drivers::Host> host_;
    drivers::Descriptor descriptor_;

    ChildProcess process_; // reaped under mutex_
    Line control_;         // received from by the attending thread

    // of the attending thread
    FileDescriptor output_;
    std::string output_line_; // what was read of a line that has not ended
    Clock::time_point cpu_renewed_{};
    std::int64_t cpu_granted_ = 0; // seconds in all; 0: not limited yet
    int heard_after_end_ = 0;      // frames
    bool heeds_hurry_ = true;

    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<std::unique_ptr<Channel>> idle_; // guarded by mutex_
    std::uint64_t channels_ = 0;                 // guarded by mutex_; how many were opened
    std::string ruined_;                         // guarded by mutex_; why it was killed, as "did something, so that"
    std::optional<std::string> end_;             // guarded by mutex_; how it ended
};

} // namespace rsf::process
