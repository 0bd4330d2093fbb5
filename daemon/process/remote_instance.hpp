// SPDX-License-Identifier: Apache-2.0
//
// A driver instance in a process of its own. When the process ends, calls that are under way in it fail, each with a sentence
// that says how, and it is started again: at once, and more slowly each time when that does not help.
#pragma once

#include "drivers/host.hpp"
#include "drivers/instance.hpp"
#include "process/life.hpp"

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

namespace rsf::process {

class RemoteInstance final : public drivers::Instance {
  public:
    // timeout: how long those calls may take that have no deadline of their own.
    static Result<std::unique_ptr<RemoteInstance>> create(Birth birth, Creation creation, std::chrono::milliseconds timeout,
                                                          std::shared_ptr<drivers::Host> host);
    ~RemoteInstance() override;

    const drivers::Offered &offered() const override { return *offered_; }
    pid_t process() override;
    std::optional<std::string> down() override;
    drivers::Heard<drivers::Said> perform(const drivers::Call &call) override;
    drivers::Heard<std::vector<drivers::Said>> perform_all(const std::vector<drivers::Call> &calls) override;
    drivers::Heard<drivers::Orderings> order(std::string_view ns, const std::vector<drivers::Orderable> &resources) override;
    drivers::Heard<drivers::Said> health() override;
    drivers::Heard<drivers::Begun> begin_plan(drivers::Verb verb, std::string_view ns,
                                              const std::vector<drivers::Orderable> &resources) override;
    drivers::Heard<drivers::Said> step_plan(std::uint64_t planning, std::size_t resource, const drivers::Call &call,
                                            std::string_view unknown) override;
    drivers::Heard<std::string> end_plan(std::uint64_t planning) override;

  private:
    using Clock = Life::Clock;
    struct Running {
        std::shared_ptr<Life> life; // null: there is none, and until when none is tried, and why
        Clock::time_point again{};
        std::string why;
        std::uint64_t lives = 0; // how many there were
    };

    RemoteInstance(Birth birth, Creation creation, std::chrono::milliseconds timeout, std::shared_ptr<drivers::Host> host);
    void supervise();
    Result<std::shared_ptr<Life>> begin_life();
    void note(const Result<std::shared_ptr<Life>> &begun, Clock::time_point again);
    drivers::Heard<Running> running(Clock::time_point until);
    template <class T, class... Sent>
    drivers::Heard<T> converse(Kind kind, std::span<const drivers::Call> calls, std::string_view what, Clock::time_point deadline,
                               const Sent &...sent);
    // with: receives the life that answered.
    template <class T, class... Sent>
    drivers::Heard<T> converse_somewhere(Running &with, Kind kind, std::span<const drivers::Call> calls, std::string_view what,
                                         Clock::time_point deadline, const Sent &...sent);
    template <class T, class... Sent>
    drivers::Heard<T> converse(const Running &with, Kind kind, std::span<const drivers::Call> calls, std::string_view what,
                               Clock::time_point deadline, bool &unheard, const Sent &...sent);
    // The life that a plan belongs to, if it is still the one that runs.
    drivers::Heard<Running> running_with(std::uint64_t planning);
    drivers::Failure failure(Code code, const std::string &what) const;

    // constant once created
    Birth birth_;
    const Creation creation_;
    const std::chrono::milliseconds timeout_;
    const std::shared_ptr<drivers::Host> host_;
    const FileDescriptor hurry_; // an eventfd, readable once this is to end
    std::optional<drivers::Offered> offered_;
    std::string who_; // "driver 'kubectl' of target 'prod'"

    std::mutex mutex_;
    std::condition_variable changed_;
    Running running_;                 // guarded by mutex_
    std::optional<Error> impossible_; // guarded by mutex_: why the first life did not begin
    bool stopping_ = false;           // guarded by mutex_

    std::thread supervisor_; // begins every life, since a process ends with the thread that started it
};

} // namespace rsf::process
