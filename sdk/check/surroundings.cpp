// SPDX-License-Identifier: Apache-2.0
#include "surroundings.hpp"

#include "base/text.hpp"

#include <malloc.h>
#include <pthread.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <clocale>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>

extern char **environ;

namespace rsf::check {

namespace {

// Not the signals for faults of the program itself, and not SIGPIPE: runtimes of other languages, such as Go's, handle these.
constexpr int signals_of_the_host[] = {SIGHUP, SIGINT, SIGQUIT, SIGALRM, SIGTERM, SIGCHLD, SIGUSR1, SIGUSR2};

std::string handling_of(int signal) {
    struct sigaction action {};
    ::sigaction(signal, nullptr, &action);
    const bool is_extended = (action.sa_flags & SA_SIGINFO) != 0;
    const auto handler =
        is_extended ? reinterpret_cast<std::uintptr_t>(action.sa_sigaction) : reinterpret_cast<std::uintptr_t>(action.sa_handler);
    return std::to_string(handler);
}

std::string blocked_signals() {
    sigset_t set;
    ::pthread_sigmask(SIG_BLOCK, nullptr, &set);
    std::string blocked;
    for (int signal = 1; signal <= SIGRTMAX; ++signal) blocked += ::sigismember(&set, signal) == 1 ? '1' : '0';
    return blocked;
}

std::string environment() {
    std::vector<std::string> variables;
    for (char **variable = environ; variable && *variable; ++variable) variables.emplace_back(*variable);
    std::sort(variables.begin(), variables.end());
    std::string all;
    for (const std::string &variable : variables) all.append(variable).push_back('\0');
    return all;
}

std::string umask_now() {
    const mode_t mask = ::umask(0);
    ::umask(mask);
    return std::to_string(mask);
}

// Which file a standard stream leads to; nothing when it is closed.
std::string stream_of(int descriptor) {
    struct stat file {};
    if (::fstat(descriptor, &file) != 0) return "closed";
    return std::to_string(file.st_dev) + ":" + std::to_string(file.st_ino);
}

std::string resource_limits() {
    std::string all;
    for (int resource = 0; resource < RLIM_NLIMITS; ++resource) {
        rlimit limit{};
        ::getrlimit(static_cast<__rlimit_resource>(resource), &limit);
        all += std::to_string(limit.rlim_cur) + "/" + std::to_string(limit.rlim_max) + " ";
    }
    return all;
}

std::string niceness() {
    errno = 0; // -1 is a nice value as well
    const int value = ::getpriority(PRIO_PROCESS, 0);
    return errno != 0 ? "" : std::to_string(value);
}

// Which timers of setitimer or alarm run. Their remaining time is not compared, since it changes by itself.
std::string running_timers() {
    std::string running;
    for (const auto timer : {ITIMER_REAL, ITIMER_VIRTUAL, ITIMER_PROF}) {
        itimerval value{};
        ::getitimer(timer, &value);
        running += value.it_value.tv_sec != 0 || value.it_value.tv_usec != 0 ? '1' : '0';
    }
    return running;
}

// The sum of some lines of /proc/self/status, in bytes.
[[maybe_unused]] std::size_t status_bytes(std::initializer_list<std::string_view> keys) {
    std::ifstream status("/proc/self/status");
    std::size_t bytes = 0;
    for (std::string key, rest; status >> key;) {
        std::size_t kilobytes = 0;
        if (std::find(keys.begin(), keys.end(), key) != keys.end() && status >> kilobytes) bytes += kilobytes * 1024;
        std::getline(status, rest);
    }
    return bytes;
}

std::string folder_now() {
    std::error_code failed;
    return std::filesystem::current_path(failed).string() + failed.message();
}

std::size_t entries_of(const std::filesystem::path &folder) {
    const auto entries = std::filesystem::directory_iterator(folder);
    return static_cast<std::size_t>(std::distance(begin(entries), end(entries)));
}

// Of every thread of this process: a child belongs to the one that started it.
std::size_t count_children() {
    std::size_t count = 0;
    for (const auto &thread : std::filesystem::directory_iterator("/proc/self/task")) {
        std::ifstream children(thread.path() / "children");
        for (std::string child; children >> child;) ++count;
    }
    return count;
}

// Anonymous and shared memory, in bytes. 0 with a sanitizer, which keeps freed memory.
std::size_t unbacked_pages() {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    return 0;
#else
    return status_bytes({"RssAnon:", "RssShmem:", "VmSwap:"});
#endif
}

} // namespace

Surroundings Surroundings::of_this_process() {
    Surroundings now;
    now.parts_.emplace_back("the working folder", folder_now());
    now.parts_.emplace_back("the umask", umask_now());
    now.parts_.emplace_back("the locale", std::setlocale(LC_ALL, nullptr)); // NOLINT(concurrency-mt-unsafe): it only asks
    now.parts_.emplace_back("the environment", environment());
    now.parts_.emplace_back("standard input", stream_of(STDIN_FILENO));
    now.parts_.emplace_back("standard output", stream_of(STDOUT_FILENO));
    now.parts_.emplace_back("standard error", stream_of(STDERR_FILENO));
    now.parts_.emplace_back("a resource limit", resource_limits());
    now.parts_.emplace_back("the nice value", niceness());
    now.parts_.emplace_back("the timers (alarm, setitimer)", running_timers());
    for (const int signal : signals_of_the_host)
        now.parts_.emplace_back("the handling of " + base::signal_in_words(signal), handling_of(signal));
    now.parts_.emplace_back("the set of blocked signals", blocked_signals());
    return now;
}

std::string Surroundings::difference_to(const Surroundings &before) const {
    const auto [mine, other] = std::mismatch(parts_.begin(), parts_.end(), before.parts_.begin(), before.parts_.end());
    return mine == parts_.end() ? std::string() : mine->first;
}

Holdings Holdings::of_this_process() {
    const struct mallinfo2 heap = ::mallinfo2();
    return {entries_of("/proc/self/fd"), entries_of("/proc/self/task"), count_children(), heap.uordblks + heap.hblkhd,
            unbacked_pages()};
}

Holdings Holdings::settled(const Holdings &before) {
    Holdings now = of_this_process();
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(2);
    while ((now.threads > before.threads || now.children > before.children) && std::chrono::steady_clock::now() < until) {
        std::this_thread::yield();
        now = of_this_process();
    }
    return now;
}

} // namespace rsf::check
