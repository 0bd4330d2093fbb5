// SPDX-License-Identifier: Apache-2.0
#include "process/life.hpp"

#include "base/text.hpp"
#include "drivers/descriptor.hpp"
#include "drivers/driver_values.hpp"
#include "drivers/refusal.hpp"

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

using Clock = Life::Clock;

constexpr std::chrono::seconds time_to_start{30}; // for the process to load the driver, and for the driver's create
constexpr std::chrono::seconds cpu_window{60};
constexpr std::size_t longest_output = 16 * 1024; // bytes of a line that the process prints; the log shows a quarter of it
constexpr int heard_at_most = 1000;               // frames of a process that ended
constexpr std::size_t longest_refusal = 16 * 1024;

// The process's own words for why it could not begin, which is as much to be believed as the driver is.
Error error_of(const Refused &refused) {
    const bool is_known = refused.code >= RSF_NOT_FOUND && refused.code <= RSF_INTERNAL;
    return {is_known ? static_cast<Code>(refused.code) : Code::internal, printable(refused.message, longest_refusal), {}, {}};
}

// Checked as a descriptor in this process is.
Result<drivers::Descriptor> check(const ToldDescriptor &told) {
    rsf_descriptor given{};
    given.size = sizeof given;
    given.flags = told.concurrent ? RSF_DRIVER_CONCURRENT : 0;
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

Result<std::shared_ptr<Life>> Life::begin(const Birth &birth, std::shared_ptr<drivers::Host> host) {
    try {
        return start(birth, std::move(host));
    } catch (const std::exception &error) { // no descriptor, no memory
        return Error{Code::unavailable, std::string("a process for the driver can not be started: ") + error.what(), {}, {}};
    }
}

Result<std::shared_ptr<Life>> Life::start(const Birth &birth, std::shared_ptr<drivers::Host> host) {
    auto [own, given] = Line::make_pair();
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) < 0) throw std::system_error(errno, std::generic_category(), "pipe2");
    FileDescriptor output(ends[0]), written(ends[1]);
    ::fcntl(output.get(), F_SETFL, O_NONBLOCK);
    const std::vector<std::string> arguments{"resourcifierd", "driver-host", "--target",
                                             birth.target,    "--driver",    birth.file->path().native()};
    Result<ChildProcess> process =
        ChildProcess::start(birth.program, arguments, {written.get(), given.get(), birth.file->descriptor()});
    if (!process) return process.error();
    const std::shared_ptr<Life> life(new Life(birth, std::move(*process), std::move(own), std::move(output), std::move(host)));
    written = FileDescriptor();
    given = FileDescriptor();
    life->renew_cpu_limit();

    const Greeting greeting{::getpid(), birth.limits.user, birth.limits.memory};
    life->control_.send(Kind::greeting, 0, {Clock::now() + birth.patience, life->process_.pidfd()}, greeting);
    Result<Frame> ready = life->expect(Kind::ready, "while the driver was loaded");
    if (!ready) return ready.error();
    ToldDescriptor told;
    if (!ready->read(told)) return drivers::invalid("what the driver's process says of the driver is nonsense");
    Result<drivers::Descriptor> descriptor = check(told);
    if (!descriptor) return drivers::at(birth.file->path(), descriptor.error());
    life->descriptor_ = std::move(*descriptor);
    life->descriptor_.file = birth.file->path();
    return life;
}

Life::Life(const Birth &birth, ChildProcess process, FileDescriptor control, FileDescriptor output,
           std::shared_ptr<drivers::Host> host)
    : patience_(birth.patience), hurry_(birth.hurry), limits_(birth.limits), file_(birth.file->path()), host_(std::move(host)),
      process_(std::move(process)), control_(std::move(control), Line::largest_control_frame), output_(std::move(output)) {}

Life::~Life() = default;

Result<drivers::Offered> Life::create(const Creation &creation) {
    control_.send(Kind::create, 0, {Clock::now() + patience_, process_.pidfd()}, creation);
    Result<Frame> created = expect(Kind::created, "during create");
    if (!created) return created.error();
    ToldOffered told;
    boost::system::error_code failed;
    boost::json::value secret;
    if (created->read(told)) secret = json_value(told.secret, failed);
    if (failed || !secret.is_array() || told.batch_limit == 0)
        return drivers::invalid("what the driver's process says of its abilities is nonsense");
    return drivers::Offered{std::move(told.names), told.batch_limit, std::move(secret.get_array())};
}

// Waits for a frame of that kind on the control line; a refusal in its place is the error.
Result<Frame> Life::expect(Kind kind, const char *during) {
    // What goes wrong before there is an instance is about the file.
    const auto about = [&](Error error) { return kind == Kind::ready ? drivers::at(file_, std::move(error)) : error; };
    const Clock::time_point until = Clock::now() + time_to_start;
    std::optional<Frame> wanted;
    while (!wanted && attend_once(until, &wanted)) {
        if (Clock::now() >= until) bring_to_end("did not come to an end in time");
        if (has_hurry()) bring_to_end("is not needed any more");
    }
    if (wanted && wanted->kind == kind && !is_over()) return std::move(*wanted);
    Refused refused;
    if (wanted && wanted->kind == Kind::refused && wanted->read(refused)) return about(error_of(refused));
    if (wanted) bring_to_end(to_string(Line::Status::nonsense));
    return about({Code::internal, "its process " + end_in_words() + " " + during, {}, {}});
}

bool Life::has_hurry() const {
    pollfd polled{hurry_, POLLIN, 0};
    return ::poll(&polled, 1, 0) > 0;
}

bool Life::attend() {
    const bool is_limited = limits_.cpu.count() > 0;
    while (!has_hurry()) {
        if (!attend_safely(is_limited ? cpu_renewed_ + cpu_window : Clock::now() + std::chrono::hours(1))) return false;
        if (is_limited && Clock::now() >= cpu_renewed_ + cpu_window) renew_cpu_limit();
    }
    return true;
}

bool Life::attend_safely(Clock::time_point until) {
    try {
        return attend_once(until, nullptr);
    } catch (const std::exception &) {
        ruin("said more than there is memory for");
        return true;
    }
}

// One turn of waiting and reading. wanted: receives a frame that nobody here knows what to do with. False: the process ended, and
// was seen to its end.
bool Life::attend_once(Clock::time_point until, std::optional<Frame> *wanted) {
    if (has_ended()) return false;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now()).count();
    std::array<pollfd, 4> polled{{{control_.descriptor(), POLLIN, 0},
                                  {output_.get(), POLLIN, 0},
                                  {process_.pidfd(), POLLIN, 0},
                                  {heeds_hurry_ ? hurry_ : -1, POLLIN, 0}}};
    const auto wait = control_.has_more() ? 0 : static_cast<int>(std::clamp<std::int64_t>(left, 0, 3'600'000));
    if (::poll(polled.data(), polled.size(), wait) < 0) return true;
    if (polled[1].revents != 0) read_output();
    if (control_.has_more() || (polled[0].revents & POLLIN) != 0) {
        Frame frame;
        const Line::Status status = control_.receive(frame, {Clock::now() + patience_, process_.pidfd()});
        if (status == Line::Status::done) {
            if (frame.kind == Kind::log || frame.kind == Kind::describe)
                hear(frame);
            else if (wanted)
                *wanted = std::move(frame);
            else
                ruin(to_string(Line::Status::nonsense));
            // What it said before its end is heard, but whoever holds the line after it may go on for ever.
            if (polled[2].revents == 0 || ++heard_after_end_ < heard_at_most) return true;
        }
        if (status == Line::Status::late || status == Line::Status::nonsense) ruin(to_string(status));
    }
    // A process without its control line is of no use, and the line is readable for ever.
    if (polled[0].revents != 0) see_end();
    if (polled[2].revents == 0 && polled[0].revents == 0) return true;
    ended();
    return false;
}

// The process closed a line: its end follows at once, or is brought about.
void Life::see_end() {
    pollfd polled{process_.pidfd(), POLLIN, 0};
    if (::poll(&polled, 1, static_cast<int>(std::min<std::int64_t>(patience_.count(), 1000))) <= 0)
        ruin(to_string(Line::Status::closed));
}

void Life::hear(Frame &frame) {
    LogLine line;
    if (frame.kind == Kind::log && frame.read(line)) return host_->write(nullptr, line.level, line.message);
    Describing asked;
    if (frame.kind != Kind::describe || !frame.read(asked) || !host_->reaches_others())
        return ruin(to_string(Line::Status::nonsense));
    Described described{asked.number, host_->describe(asked.other)};
    control_.send(Kind::described, 0, {Clock::now() + patience_, process_.pidfd()}, described);
}

// At most a few pieces, so that a flood keeps nobody from the control line.
void Life::read_output() {
    std::array<char, 16 * 1024> buffer;
    for (int i = 0; i < 4; ++i) {
        const ssize_t size = output_ ? ::read(output_.get(), buffer.data(), buffer.size()) : 0;
        if (size == 0) output_ = FileDescriptor(); // nobody can write there any more
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

void Life::write_output(std::string_view line) {
    if (!line.empty()) host_->write(nullptr, RSF_LOG_WARNING, "its process prints: " + std::string(line));
}

// The kernel's limit is for the whole of a life: it is raised each time that a minute has passed.
void Life::renew_cpu_limit() {
    if (limits_.cpu.count() == 0) return;
    cpu_renewed_ = Clock::now();
    clockid_t clock{};
    timespec used{};
    rlimit limit{};
    if (::clock_getcpuclockid(process_.pid(), &clock) != 0 || ::clock_gettime(clock, &used) != 0 ||
        ::prlimit(process_.pid(), RLIMIT_CPU, nullptr, &limit) != 0)
        return;
    if (cpu_granted_ != 0 && used.tv_sec > cpu_granted_)
        return ruin("took more processor time than it may and did not heed the signal for it");
    cpu_granted_ = used.tv_sec + limits_.cpu.count();
    limit.rlim_cur = std::min<rlim_t>(limit.rlim_max, static_cast<rlim_t>(cpu_granted_));
    ::prlimit(process_.pid(), RLIMIT_CPU, &limit, nullptr);
}

void Life::ruin(std::string why) {
    const std::lock_guard lock(mutex_);
    if (end_) return;
    if (ruined_.empty()) ruined_ = std::move(why);
    process_.kill();
}

std::string how_it_ended(const std::string &fault, const std::string &end) {
    if (fault.empty() || fault == end) return end;
    const bool is_killed = end == "was ended by " + signal_in_words(SIGKILL);
    return fault + (is_killed ? ", so that it " : ", and it ") + end;
}

void Life::bring_to_end(std::string why) {
    ruin(std::move(why));
    ended();
}

void Life::ended() {
    if (!process_.wait()) process_.kill(); // it closed its lines and goes on, or the kernel can't end it
    read_output();
    write_output(std::exchange(output_line_, {}));
    const std::lock_guard lock(mutex_);
    if (end_) return;
    end_ = how_it_ended(ruined_, process_.reap());
    changed_.notify_all();
}

bool Life::has_ended() {
    const std::lock_guard lock(mutex_);
    return end_.has_value();
}

pid_t Life::process() {
    const std::lock_guard lock(mutex_);
    return end_ ? 0 : process_.pid();
}

bool Life::is_over() {
    const std::lock_guard lock(mutex_);
    return end_ || !ruined_.empty();
}

std::string Life::end_in_words() {
    std::unique_lock lock(mutex_);
    // The attending thread sees the end at once; it is waited for in vain only when the machine stands still.
    changed_.wait_for(lock, time_to_start, [&] { return end_.has_value(); });
    return end_.value_or("does not end");
}

void Life::end() {
    heeds_hurry_ = false;
    if (has_ended()) return;
    control_.send(Kind::bye, 0, {Clock::now() + patience_, process_.pidfd()});
    const Clock::time_point until = Clock::now() + patience_;
    while (attend_safely(until))
        if (Clock::now() >= until) return bring_to_end("did not come back from destroy in time");
}

} // namespace rsf::process
