// SPDX-License-Identifier: Apache-2.0
#include "process/sandbox.hpp"

#include "base/user.hpp"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <string>
#include <system_error>

namespace rsf::process {

namespace {

Error failed(const std::string &what) {
    return invalid("its process can't " + what + ": " + std::generic_category().message(errno));
}

// Failure is no error: the kernel then chooses by its own rules.
void prefer_for_oom_kill() {
    const int score = ::open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    if (score < 0) return;
    static_cast<void>(!::write(score, "500", 3));
    ::close(score);
}

} // namespace

Result<void> enter_sandbox(const Greeting &greeting, const std::string &target) {
    ::prctl(PR_SET_NAME, ("driver " + target).c_str()); // the kernel takes 15 characters of it
    prefer_for_oom_kill();
    if (greeting.memory != 0) {
        const rlimit limit{greeting.memory, greeting.memory};
        if (::setrlimit(RLIMIT_DATA, &limit) != 0) return failed("limit its memory");
    }
    if (!greeting.user.empty())
        if (Result<void> done = become(greeting.user); !done) {
            Error error = done.error();
            error.message.insert(0, "its process ");
            return error;
        }
    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return failed("give up privileges");
    // Last, since a change of user resets it. A daemon that ended before this call is found by its process number.
    if (::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) return failed("ask to end with the daemon");
    if (::getppid() != greeting.parent) std::_Exit(0);
    return {};
}

} // namespace rsf::process
