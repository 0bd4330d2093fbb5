// SPDX-License-Identifier: Apache-2.0
//
// A driver instance in a process of its own. When the process ends, calls that are under way in it fail, each with a sentence
// that says how, and it is started again: at once, then with growing pauses.
#pragma once

#include "drivers/host.hpp"
#include "drivers/instance.hpp"
#include "process/driver_process.hpp"
#include "shared/mutex.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <thread>

namespace rsf::process {

class RemoteInstance final : public drivers::Instance {
  public:
    // timeout: for calls that have no deadline of their own.
    static Result<std::unique_ptr<RemoteInstance>> create(ProcessOptions options, Creation creation,
                                                          std::chrono::milliseconds timeout, std::shared_ptr<drivers::Host> host);
    ~RemoteInstance() override;

    const drivers::Offered &offered() const override { return *offered_; }
    pid_t process() override;
    std::optional<std::string> down() override;
    void stop_restarting() override;
    drivers::Reply<drivers::RawAnswer> perform(const drivers::Call &call) override;
    drivers::Reply<std::vector<drivers::RawAnswer>> perform_all(const std::vector<drivers::Call> &calls) override;
    drivers::Reply<drivers::Orderings> order(std::string_view ns, const std::vector<drivers::Orderable> &resources) override;
    drivers::Reply<drivers::RawAnswer> health() override;
    drivers::Reply<drivers::RawAnswer> settle(const drivers::Call &call) override;
    drivers::Reply<drivers::RawAnswer> kind(const drivers::Call &call) override;
    drivers::Reply<drivers::Begun> begin_plan(drivers::Verb verb, std::string_view ns,
                                              const std::vector<drivers::Orderable> &resources) override;
    drivers::Reply<drivers::RawAnswer> step_plan(std::uint64_t planning, std::size_t resource, const drivers::Call &call,
                                                 std::string_view unknown) override;
    drivers::Reply<std::string> end_plan(std::uint64_t planning) override;

  private:
    using Clock = DriverProcess::Clock;
    struct Running {
        std::shared_ptr<DriverProcess> process; // null: there is none; why not, and when the next one is started
        Clock::time_point again{};
        std::string why;
        std::uint64_t starts = 0; // how many there were
    };

    RemoteInstance(ProcessOptions options, Creation creation, std::chrono::milliseconds timeout,
                   std::shared_ptr<drivers::Host> host);
    void supervise();
    Result<std::shared_ptr<DriverProcess>> start_process();
    void note_last_end(const std::string &why);
    void note(const Result<std::shared_ptr<DriverProcess>> &begun, Clock::time_point again);
    drivers::Reply<Running> running(Clock::time_point until);
    template <class T, class... Sent>
    drivers::Reply<T> converse(Kind kind, std::span<const drivers::Call> calls, std::string_view what, Clock::time_point deadline,
                               const Sent &...sent);
    // with: receives the process that answered.
    template <class T, class... Sent>
    drivers::Reply<T> converse_somewhere(Running &with, Kind kind, std::span<const drivers::Call> calls, std::string_view what,
                                         Clock::time_point deadline, const Sent &...sent);
    template <class T, class... Sent>
    drivers::Reply<T> converse(const Running &with, Kind kind, std::span<const drivers::Call> calls, std::string_view what,
                               Clock::time_point deadline, bool &unread, const Sent &...sent);
    // The process that a plan belongs to, if it is still the one that runs.
    drivers::Reply<Running> running_with(std::uint64_t planning);
    drivers::Failure failure(Code code, const std::string &what) const;

    // constant once created
    ProcessOptions options_;
    const Creation creation_;
    const std::chrono::milliseconds timeout_;
    const std::shared_ptr<drivers::Host> host_;
    const FileDescriptor stop_fd_; // an eventfd, readable once this is to end
    std::optional<drivers::Offered> offered_;
    std::string who_; // "driver 'kubectl' of target 'prod'"

    shared::Mutex mutex_;
    shared::Condition changed_;
    Running running_ GUARDED_BY(mutex_);
    std::optional<Error> impossible_ GUARDED_BY(mutex_); // why the first process did not start
    bool restarts_ GUARDED_BY(mutex_) = true;
    bool stopping_ GUARDED_BY(mutex_) = false;

    std::thread supervisor_; // starts every process, since a process ends with the thread that started it
};

} // namespace rsf::process
