// SPDX-License-Identifier: Apache-2.0
#include "metrics/metrics.hpp"
#include "metrics/process.hpp"

#include "support/catch.hpp"
#include "support/samples.hpp"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <ctime>

using namespace rsf::metrics;
using namespace rsf::test;

namespace {

// A process that does nothing until it is ended.
class Child {
  public:
    Child() : pid_(::fork()) {
        while (pid_ == 0) ::pause();
    }
    ~Child() {
        kill();
        ::waitpid(pid_, nullptr, 0);
    }
    Child(const Child &) = delete;
    Child &operator=(const Child &) = delete;

    // Leaves its place in the list of processes.
    void kill() const {
        ::kill(pid_, SIGKILL);
        siginfo_t ended{};
        ::waitid(P_PID, static_cast<id_t>(pid_), &ended, WEXITED | WNOWAIT);
    }

  private:
    const pid_t pid_;
};

} // namespace

TEST_CASE("the process is told as the kernel knows it") {
    Metrics metrics;
    const std::string text = metrics.text();
    rlimit limit{};
    REQUIRE(::getrlimit(RLIMIT_NOFILE, &limit) == 0);
    CHECK(sample(text, "process_max_fds") == static_cast<double>(limit.rlim_cur));
    CHECK(sample(text, "process_resident_memory_bytes").value() > 1e6);
    CHECK(sample(text, "process_cpu_seconds_total").value() >= 0);
    const double started = sample(text, "process_start_time_seconds").value(), now = static_cast<double>(std::time(nullptr));
    CHECK(started <= now + 1);
    CHECK(started > now - 3600); // this test did not begin earlier

    const double open = sample(text, "process_open_fds").value();
    std::array<int, 2> ends{};
    REQUIRE(::pipe(ends.data()) == 0);
    CHECK(sample(metrics.text(), "process_open_fds") == open + 2);
    for (const int end : ends) ::close(end);
}

TEST_CASE("time on the processor is told in seconds") {
    Metrics metrics;
    const double before = sample(metrics.text(), "process_cpu_seconds_total").value();
    timespec used{};
    do ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    while (static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) / 1e9 < before + 0.1);
    const double after = sample(metrics.text(), "process_cpu_seconds_total").value();
    CHECK(after >= before + 0.05);
    CHECK(after < before + 60);
}

TEST_CASE("the processes that a process started are counted while they run") {
    const auto own = [] {
        const auto children = count_children();
        const auto found = children.find(::getpid());
        return found == children.end() ? 0 : found->second;
    };
    const std::size_t before = own();
    {
        const Child one, other;
        CHECK(own() == before + 2);
        other.kill();
        CHECK(own() == before + 1);
    }
    CHECK(own() == before);

    Metrics metrics;
    const auto target = metrics.target("prod");
    const auto watch = target->watch([] { return TargetNow{0, 0, 0, true, ::getpid()}; });
    const Child child;
    CHECK(sample(metrics.text(), R"(resourcifier_driver_child_processes{target="prod"})") == static_cast<double>(before + 1));
}
