// SPDX-License-Identifier: Apache-2.0
#include "process/driver_main.hpp"

#include "base/memory.hpp"
#include "drivers/abi/driver_library.hpp"
#include "drivers/abi/loaded_instance.hpp"
#include "drivers/answer.hpp"
#include "process/child_process.hpp"
#include "process/frame_socket.hpp"
#include "process/read_gate.hpp"
#include "process/remote_host.hpp"
#include "process/sandbox.hpp"
#include "shared/failpoint.hpp"

#include <resourcifier/json_text.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <map>
#include <memory>
#include <mutex>
#include <pthread.h>
#include <shared_mutex>
#include <utility>

namespace rsf::process {

namespace {

constexpr std::size_t stack_size = 1024 * 1024; // of a thread that calls the driver

// How long a list waits for others before it is refused: it occupies a thread of the target that a write could use.
constexpr std::chrono::seconds turn_comes_within{5};

drivers::RawAnswer no_pass() {
    return raw_answer_of(drivers::transient(
        unavailable(
            "The driver's process makes as many large lists and plans as it has memory for; nothing was done, try again later."),
        std::chrono::seconds(2)));
}

// The daemon has ended, or sent an invalid message: this process is of no more use.
[[noreturn]] void leave() { std::_Exit(ChildProcess::lost_daemon); }

class DriverMain {
  public:
    DriverMain(std::string target, std::shared_ptr<const drivers::DriverFile> file)
        : target_(std::move(target)), file_(std::move(file)),
          control_(
              std::make_shared<FrameSocket>(FileDescriptor(ChildProcess::control), FrameSocket::largest_control_frame, true)) {}

    [[noreturn]] void run() {
        for (;;) {
            Frame frame;
            if (control_->receive(frame, {}) != FrameSocket::Status::done) leave();
            hear(frame);
        }
    }

  private:
    void hear(Frame &frame) {
        Described described;
        switch (frame.kind) {
        case Kind::greeting: return load(frame);
        case Kind::create: return create(frame);
        case Kind::open: return open(frame);
        case Kind::cancel: return cancel(frame);
        case Kind::described:
            if (!frame.read(described)) leave();
            return host_->described(std::move(described));
        case Kind::bye: return end();
        default: leave();
        }
    }

    [[noreturn]] void end() {
        const std::lock_guard no_calls(calls_);
        instance_.reset();
        std::_Exit(0);
    }

    void refuse(const Error &error) {
        control_->send(Kind::refused, 0, {}, Refused{static_cast<std::int32_t>(error.code), error.message});
    }

    void load(Frame &frame) {
        Greeting greeting;
        if (!frame.read(greeting)) leave();
        if (auto limited = enter_sandbox(greeting, target_); !limited) return refuse(limited.error());
        reads_ = std::make_unique<ReadGate>(ReadGate::bound_for(greeting.memory));
        auto library = drivers::DriverLibrary::load(file_);
        if (!library) return refuse(library.error());
        library_ = std::move(*library);
        const drivers::Descriptor &driver = library_->descriptor();
        control_->send(Kind::ready, 0, {},
                       ReportedDescriptor{driver.concurrent, driver.checks_revisions, driver.capabilities, driver.name,
                                          driver.version, driver.vendor, driver.url, driver.summary,
                                          json_text(driver.settings_schema), driver.abi_major, driver.abi_minor});
    }

    void create(Frame &frame) {
        Creation creation;
        if (!library_ || !frame.read(creation)) leave();
        host_ = std::make_shared<RemoteHost>(control_, std::move(creation.secrets), creation.reaches_others);
        auto instance = drivers::LoadedInstance::create(library_, target_, creation.settings, host_);
        if (!instance) return refuse(instance.error());
        instance_ = std::move(*instance);
        const drivers::Offered &offered = instance_->offered();
        control_->send(Kind::created, 0, {}, ReportedOffered{offered.names, offered.batch_limit, json_text(offered.secret)});
    }

    // A thread for each call channel: as many as there are calls at the same moment.
    void open(Frame &frame) {
        std::uint64_t number = 0;
        FileDescriptor socket = control_->take_descriptor();
        if (!frame.read(number) || !socket || !instance_) leave();
        const auto channel = std::make_shared<CallChannel>(std::move(socket));
        channels_[number] = channel;
        auto work = std::make_unique<std::pair<DriverMain *, std::shared_ptr<CallChannel>>>(this, channel);
        pthread_attr_t attributes;
        ::pthread_attr_init(&attributes);
        ::pthread_attr_setstacksize(&attributes, stack_size);
        ::pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
        pthread_t thread{};
        const auto serve = [](void *given) -> void * {
            const std::unique_ptr<std::pair<DriverMain *, std::shared_ptr<CallChannel>>> own(
                static_cast<std::pair<DriverMain *, std::shared_ptr<CallChannel>> *>(given));
            own->first->serve(*own->second);
            return nullptr;
        };
        // Without a thread the channel is closed, which ends the call that it is for.
        if (::pthread_create(&thread, &attributes, serve, work.get()) == 0) static_cast<void>(work.release());
        ::pthread_attr_destroy(&attributes);
    }

    void cancel(Frame &frame) {
        std::uint64_t number = 0;
        if (!frame.read(number)) leave();
        if (const auto found = channels_.find(number); found != channels_.end()) found->second->cancel(frame.request);
    }

    void serve(CallChannel &channel) {
        host_->serve_on_this_thread(channel);
        for (MemoryRelease memory;;) {
            if (memory.is_overdue() || (memory.is_due() && channel.socket.is_quiet_for(MemoryRelease::quiet))) memory.release();
            Frame frame;
            if (channel.socket.receive(frame, {}) != FrameSocket::Status::done) return;
            const std::stop_source stop = channel.begin(frame.request);
            answer(channel, frame, stop.get_token());
            memory.worked();
        }
    }

    // The pass that a list holds until its answer is sent. Null: it got none in time.
    std::unique_ptr<ReadGate::Pass> wait_for_turn(const drivers::Call &call) {
        const std::string query =
            call.type + '\n' + (call.all_namespaces ? "\n" : call.ns) + '\n' + call.label_selector + '\n' + call.field_selector;
        return reads_->enter(query, std::min(call.deadline, FrameSocket::Clock::now() + turn_comes_within), call.stop);
    }

    void answer(CallChannel &channel, Frame &frame, std::stop_token stop) {
        const std::shared_lock during(calls_);
        RSF_FAILPOINT("process.driver.received");
        const auto tell = [&](const auto &value) {
            RSF_FAILPOINT("process.driver.performed");
            channel.socket.send(Kind::answer, frame.request, {}, value);
            RSF_FAILPOINT("process.driver.told");
        };
        const auto tell_said = [&](drivers::Reply<drivers::RawAnswer> reply) {
            tell(reply ? std::move(*reply) : raw_answer_of(reply.error()));
        };
        switch (frame.kind) {
        case Kind::perform: {
            drivers::Call call;
            if (!frame.read(call)) leave();
            call.stop = std::move(stop);
            if (call.verb != drivers::Verb::list) return tell_said(instance_->perform(call));
            const auto pass = wait_for_turn(call);
            if (!pass) return tell(no_pass());
            drivers::Reply<drivers::RawAnswer> reply = instance_->perform(call);
            if (const auto *result = reply ? std::get_if<drivers::RawAnswer::Result>(&reply->first) : nullptr)
                pass->made(result->object.size());
            return tell_said(std::move(reply));
        }
        case Kind::perform_all: {
            std::vector<drivers::Call> calls;
            if (!frame.read(calls)) leave();
            for (drivers::Call &call : calls) call.stop = stop;
            return tell(*instance_->perform_all(calls));
        }
        case Kind::order: {
            Ordering ordering;
            if (!frame.read(ordering)) leave();
            return tell(*instance_->order(ordering.ns, ordering.resources));
        }
        case Kind::health: return tell_said(instance_->health());
        case Kind::settle:
        case Kind::name_kind: {
            drivers::Call call;
            if (!frame.read(call)) leave();
            call.stop = std::move(stop);
            return tell_said(frame.kind == Kind::settle ? instance_->settle(call) : instance_->kind(call));
        }
        case Kind::begin_plan: {
            Beginning beginning;
            if (!frame.read(beginning)) leave();
            return tell(*instance_->begin_plan(beginning.verb, beginning.ns, beginning.resources));
        }
        case Kind::step_plan: {
            Stepping stepping;
            if (!frame.read(stepping)) leave();
            stepping.call.stop = std::move(stop);
            const auto pass = reads_->enter_plan(stepping.call.object.size(), stepping.call.deadline, stepping.call.stop);
            if (!pass) return tell(no_pass());
            return tell_said(instance_->step_plan(stepping.planning, stepping.resource, stepping.call, stepping.unknown));
        }
        case Kind::end_plan: {
            std::uint64_t planning = 0;
            if (!frame.read(planning)) leave();
            drivers::Reply<std::string> ended = instance_->end_plan(planning);
            return tell(ended ? *ended : ended.error().message);
        }
        default: leave();
        }
    }

    const std::string target_;
    const std::shared_ptr<const drivers::DriverFile> file_;
    const std::shared_ptr<FrameSocket> control_;
    std::shared_ptr<const drivers::DriverLibrary> library_;
    std::shared_ptr<RemoteHost> host_;
    std::shared_mutex calls_;         // shared by calls of the instance; held alone by its end
    std::unique_ptr<ReadGate> reads_; // set before there is an instance
    std::unique_ptr<drivers::LoadedInstance> instance_;
    std::map<std::uint64_t, std::shared_ptr<CallChannel>> channels_; // of the control channel's thread
};

// Makes this process behave as the daemon's does for a driver that was written for one: what it prints is passed on line by line,
// and a reader that goes away does not end it by SIGPIPE. Its children inherit none of the channels.
void set_up_process() {
    std::setvbuf(stdout, nullptr, _IOLBF, 0);
    std::signal(SIGPIPE, SIG_IGN);
    for (const int descriptor : {ChildProcess::control, ChildProcess::library}) ::fcntl(descriptor, F_SETFD, FD_CLOEXEC);
}

bool is_socket(int descriptor) {
    struct stat status {};
    return ::fstat(descriptor, &status) == 0 && S_ISSOCK(status.st_mode);
}

} // namespace

int run_driver_host(const std::string &target, const std::filesystem::path &driver) {
    if (!is_socket(ChildProcess::control)) {
        std::cerr << "driver-host is started by the daemon, which runs a driver in it; it cannot be started by hand\n";
        return 1;
    }
    set_up_process();
    auto file = drivers::DriverFile::inherit(FileDescriptor(ChildProcess::library), driver);
    if (!file) {
        std::cerr << to_string(file.error()) << "\n";
        return 1;
    }
    DriverMain(target, std::move(*file)).run();
}

} // namespace rsf::process
