// SPDX-License-Identifier: Apache-2.0
#include "process/driver_process.hpp"

#include "base/text.hpp"
#include "drivers/abi/descriptor.hpp"
#include "drivers/abi/driver_values.hpp"

#include <resourcifier/driver.h>
#include <resourcifier/extensions.h>

#include <resourcifier/json_text.hpp>

#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <exception>
#include <system_error>
#include <utility>

namespace rsf::process {

namespace {

using Clock = DriverProcess::Clock;

constexpr std::chrono::seconds time_to_start{30}; // for the process to load the driver, and for the driver's create
constexpr std::chrono::seconds cpu_window{60};
constexpr std::size_t longest_output = 16 * 1024; // bytes of a line that the process prints; the log shows a quarter of it
constexpr int heard_at_most = 1000;               // frames of a process that ended
constexpr std::size_t longest_refusal = 16 * 1024;

// The reason that the process itself gives for not starting; no more trustworthy than the driver.
Error error_of(const Refused &refused) {
    const bool is_known = refused.code >= RSF_NOT_FOUND && refused.code <= RSF_INTERNAL;
    return error_of(is_known ? static_cast<Code>(refused.code) : Code::internal, printable(refused.message, longest_refusal));
}

// Checked as a descriptor in this process is.
Result<drivers::Descriptor> check(const ReportedDescriptor &told) {
    rsf_descriptor given{};
    given.size = sizeof given;
    given.flags = (told.concurrent ? RSF_DRIVER_CONCURRENT : 0) | (told.checks_revisions ? RSF_DRIVER_REVISIONS : 0);
    given.capabilities = told.capabilities;
    given.name = drivers::text(told.name);
    given.version = drivers::text(told.version);
    given.vendor = drivers::text(told.vendor);
    given.url = drivers::text(told.url);
    given.summary = drivers::text(told.summary);
    given.settings_schema = drivers::text(told.settings_schema);
    Result<drivers::Descriptor> descriptor = drivers::copy_descriptor(&given);
    if (!descriptor) return descriptor;
    descriptor->abi_major = told.abi_major;
    descriptor->abi_minor = told.abi_minor;
    return descriptor;
}

} // namespace

Result<std::shared_ptr<DriverProcess>> DriverProcess::start(const ProcessOptions &options, std::shared_ptr<drivers::Host> host) {
    try {
        return start_or_throw(options, std::move(host));
    } catch (const std::exception &error) { // no descriptor, no memory
        return unavailable(std::string("a process for the driver can't be started: ") + error.what());
    }
}

Result<std::shared_ptr<DriverProcess>> DriverProcess::start_or_throw(const ProcessOptions &options,
                                                                     std::shared_ptr<drivers::Host> host) {
    auto [own, given] = FrameSocket::make_pair();
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) < 0) throw std::system_error(errno, std::generic_category(), "pipe2");
    FileDescriptor output(ends[0]), written(ends[1]);
    ::fcntl(output.get(), F_SETFL, O_NONBLOCK);
    const std::vector<std::string> arguments{"resourcifierd", "driver-host", "--target",
                                             options.target,  "--driver",    options.file->path().native()};
    Result<ChildProcess> child =
        ChildProcess::start(options.program, arguments, {written.get(), given.get(), options.file->descriptor()});
    if (!child) return child.error();
    const std::shared_ptr<DriverProcess> process(
        new DriverProcess(options, std::move(*child), std::move(own), std::move(output), std::move(host)));
    written = FileDescriptor();
    given = FileDescriptor();
    process->renew_cpu_limit();

    const Greeting greeting{::getpid(), options.limits.user, options.limits.memory};
    process->control_.send(Kind::greeting, 0, {Clock::now() + options.abandon_after, process->process_.pidfd()}, greeting);
    Result<Frame> ready = process->expect(Kind::ready, "while the driver was loaded");
    if (!ready) return ready.error();
    ReportedDescriptor told;
    if (!ready->read(told)) return drivers::invalid("what the driver's process says of the driver is malformed");
    Result<drivers::Descriptor> descriptor = check(told);
    if (!descriptor) return Error(descriptor.error()).in_file(options.file->path().native());
    process->descriptor_ = std::move(*descriptor);
    process->descriptor_.file = options.file->path();
    return process;
}

DriverProcess::DriverProcess(const ProcessOptions &options, ChildProcess process, FileDescriptor control, FileDescriptor output,
                             std::shared_ptr<drivers::Host> host)
    : abandon_after_(options.abandon_after), stop_fd_(options.stop_fd), limits_(options.limits), file_(options.file->path()),
      host_(std::move(host)), process_(std::move(process)), control_(std::move(control), FrameSocket::largest_control_frame),
      output_(std::move(output)) {}

DriverProcess::~DriverProcess() = default;

Result<drivers::Offered> DriverProcess::create(const Creation &creation) {
    control_.send(Kind::create, 0, {Clock::now() + abandon_after_, process_.pidfd()}, creation);
    Result<Frame> created = expect(Kind::created, "during create");
    if (!created) return created.error();
    ReportedOffered told;
    boost::system::error_code failed;
    boost::json::value secret;
    if (created->read(told)) secret = json_value(told.secret, failed);
    if (failed || !secret.is_array() || told.batch_limit == 0)
        return drivers::invalid("what the driver's process says of its abilities is malformed");
    return drivers::Offered{std::move(told.names), told.batch_limit, std::move(secret.get_array())};
}

// Waits for a frame of that kind on the control channel; a refusal in its place is the error.
Result<Frame> DriverProcess::expect(Kind kind, const char *during) {
    // An error before there is an instance is about the file.
    const auto about = [&](Error error) { return kind == Kind::ready ? std::move(error).in_file(file_) : error; };
    const Clock::time_point until = Clock::now() + time_to_start;
    std::optional<Frame> wanted;
    while (!wanted && attend_once(until, &wanted)) {
        if (Clock::now() >= until) kill_and_reap("did not end in time");
        if (is_stop_requested()) kill_and_reap("is not needed any more");
    }
    if (wanted && wanted->kind == kind && !is_over()) return std::move(*wanted);
    Refused refused;
    if (wanted && wanted->kind == Kind::refused && wanted->read(refused)) return about(error_of(refused));
    if (wanted) kill_and_reap(to_string(FrameSocket::Status::malformed));
    return about(internal("its process " + end_in_words() + " " + during));
}

bool DriverProcess::is_stop_requested() const {
    pollfd polled{stop_fd_, POLLIN, 0};
    return ::poll(&polled, 1, 0) > 0;
}

bool DriverProcess::attend() {
    const bool is_limited = limits_.cpu.count() > 0;
    while (!is_stop_requested()) {
        if (!attend_safely(is_limited ? cpu_renewed_ + cpu_window : Clock::now() + std::chrono::hours(1))) return false;
        if (is_limited && Clock::now() >= cpu_renewed_ + cpu_window) renew_cpu_limit();
    }
    return true;
}

bool DriverProcess::attend_safely(Clock::time_point until) {
    try {
        return attend_once(until, nullptr);
    } catch (const std::exception &) {
        kill_because("sent more than there is memory for");
        return true;
    }
}

// Waits and reads once. wanted: receives a frame that is not handled here. False: the process ended and everything was read.
bool DriverProcess::attend_once(Clock::time_point until, std::optional<Frame> *wanted) {
    if (has_ended()) return false;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now()).count();
    std::array<pollfd, 4> polled{{{control_.descriptor(), POLLIN, 0},
                                  {output_.get(), POLLIN, 0},
                                  {process_.pidfd(), POLLIN, 0},
                                  {obeys_stop_ ? stop_fd_ : -1, POLLIN, 0}}};
    const auto wait = control_.has_more() ? 0 : static_cast<int>(std::clamp<std::int64_t>(left, 0, 3'600'000));
    if (::poll(polled.data(), polled.size(), wait) < 0) return true;
    if (polled[1].revents != 0) read_output();
    if (control_.has_more() || (polled[0].revents & POLLIN) != 0) {
        Frame frame;
        const FrameSocket::Status status = control_.receive(frame, {Clock::now() + abandon_after_, process_.pidfd()});
        if (status == FrameSocket::Status::done) {
            if (frame.kind == Kind::log || frame.kind == Kind::describe)
                hear(frame);
            else if (wanted)
                *wanted = std::move(frame);
            else
                kill_because(to_string(FrameSocket::Status::malformed));
            // Frames that it sent before its end are still read, up to a limit: a child that inherited the channel could send
            // without end.
            if (polled[2].revents == 0 || ++heard_after_end_ < heard_at_most) return true;
        }
        if (status == FrameSocket::Status::late || status == FrameSocket::Status::malformed) kill_because(to_string(status));
    }
    // A process without its control channel is of no use, and a closed channel stays readable.
    if (polled[0].revents != 0) expect_end();
    if (polled[2].revents == 0 && polled[0].revents == 0) return true;
    ended();
    return false;
}

// The process closed a channel: it ends at once, or is killed.
void DriverProcess::expect_end() {
    pollfd polled{process_.pidfd(), POLLIN, 0};
    if (::poll(&polled, 1, static_cast<int>(std::min<std::int64_t>(abandon_after_.count(), 1000))) <= 0)
        kill_because(to_string(FrameSocket::Status::closed));
}

void DriverProcess::hear(Frame &frame) {
    LogLine line;
    if (frame.kind == Kind::log && frame.read(line)) return host_->write(nullptr, line.level, line.message);
    Describing asked;
    if (frame.kind != Kind::describe || !frame.read(asked) || !host_->reaches_others())
        return kill_because(to_string(FrameSocket::Status::malformed));
    Described described{asked.number, host_->describe(asked.other)};
    control_.send(Kind::described, 0, {Clock::now() + abandon_after_, process_.pidfd()}, described);
}

// Reads a few pieces at most, so that a flood does not hold up the control channel.
void DriverProcess::read_output() {
    std::array<char, 16 * 1024> buffer;
    for (int i = 0; i < 4; ++i) {
        const ssize_t size = output_ ? ::read(output_.get(), buffer.data(), buffer.size()) : 0;
        if (size == 0) output_ = FileDescriptor(); // every writer closed it
        if (size <= 0) return;
        for (std::string_view text(buffer.data(), static_cast<std::size_t>(size)); !text.empty();) {
            const std::size_t end = text.find('\n');
            output_line_ += text.substr(0, std::min(end, longest_output - std::min(longest_output, output_line_.size())));
            if (end == text.npos) break;
            write_output(std::exchange(output_line_, {}));
            text.remove_prefix(end + 1);
        }
    }
}

void DriverProcess::write_output(std::string_view line) {
    if (!line.empty()) host_->write(nullptr, RSF_LOG_WARNING, "its process prints: " + std::string(line));
}

// The kernel's limit counts from the start of the process: it is raised once a minute.
void DriverProcess::renew_cpu_limit() {
    if (limits_.cpu.count() == 0) return;
    cpu_renewed_ = Clock::now();
    clockid_t clock{};
    timespec used{};
    rlimit limit{};
    if (::clock_getcpuclockid(process_.pid(), &clock) != 0 || ::clock_gettime(clock, &used) != 0 ||
        ::prlimit(process_.pid(), RLIMIT_CPU, nullptr, &limit) != 0)
        return;
    if (cpu_granted_ != 0 && used.tv_sec > cpu_granted_)
        return kill_because("used more processor time than it may and ignored the signal for it");
    cpu_granted_ = used.tv_sec + limits_.cpu.count();
    limit.rlim_cur = std::min<rlim_t>(limit.rlim_max, static_cast<rlim_t>(cpu_granted_));
    ::prlimit(process_.pid(), RLIMIT_CPU, &limit, nullptr);
}

void DriverProcess::kill_because(std::string why) {
    const shared::Lock lock(mutex_);
    if (end_) return;
    if (ruined_.empty()) ruined_ = std::move(why);
    process_.kill();
}

std::string how_it_ended(const std::string &fault, const std::string &end) {
    if (fault.empty() || fault == end) return end;
    const bool is_killed = end == "was ended by " + signal_in_words(SIGKILL);
    return fault + (is_killed ? ", so that it " : ", and it ") + end;
}

void DriverProcess::kill_and_reap(std::string why) {
    kill_because(std::move(why));
    ended();
}

void DriverProcess::ended() {
    if (!process_.wait()) process_.kill(); // it closed its channels and goes on, or the kernel can't end it
    read_output();
    write_output(std::exchange(output_line_, {}));
    const shared::Lock lock(mutex_);
    if (end_) return;
    end_ = how_it_ended(ruined_, process_.reap());
    changed_.notify_all();
}

bool DriverProcess::has_ended() {
    const shared::Lock lock(mutex_);
    return end_.has_value();
}

pid_t DriverProcess::pid() {
    const shared::Lock lock(mutex_);
    return end_ ? 0 : process_.pid();
}

bool DriverProcess::is_over() {
    const shared::Lock lock(mutex_);
    return end_ || !ruined_.empty();
}

std::string DriverProcess::end_in_words() {
    shared::Lock lock(mutex_);
    // The attending thread sees the end at once; this wait times out only when the machine stands still.
    changed_.wait_for(lock, time_to_start, [&]() REQUIRES(mutex_) { return end_.has_value(); });
    return end_.value_or("does not end");
}

void DriverProcess::end() {
    obeys_stop_ = false;
    if (has_ended()) return;
    control_.send(Kind::bye, 0, {Clock::now() + abandon_after_, process_.pidfd()});
    const Clock::time_point until = Clock::now() + abandon_after_;
    while (attend_safely(until))
        if (Clock::now() >= until) return kill_and_reap("did not come back from destroy in time");
}

} // namespace rsf::process
