// SPDX-License-Identifier: Apache-2.0
#include "kubectl/transports/proxy/proxy_process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <system_error>

namespace rsf::kubectl::transports {

namespace {

using std::chrono::milliseconds;

constexpr std::string_view listening = "Starting to serve on";
constexpr std::size_t kept_errors = 8192;
constexpr milliseconds grace{250}; // from SIGTERM to SIGKILL

process::Program at(process::Program program, const std::string &socket) {
    program.arguments.push_back("--unix-socket=" + socket);
    return program;
}

// Waits for any of them, at most for time. Whether the first is readable.
template <std::size_t size> bool poll_for(std::array<pollfd, size> &polled, int time) {
    for (pollfd &each : polled) each.revents = 0;
    if (::poll(polled.data(), size, time) < 0 && errno != EINTR) process::throw_errno("poll");
    return polled[0].revents != 0;
}

// What is there; the last of it is kept.
void read_some(process::FileDescriptor &pipe, std::string &text) {
    char buffer[4096];
    while (pipe) {
        const std::size_t size = process::read_available(pipe, buffer);
        if (size == 0) return;
        text.append(buffer, size);
        if (text.size() > kept_errors) text.erase(0, text.size() - kept_errors);
    }
}

} // namespace

ProxyProcess::Folder::Folder(const std::string &above) : path_(above + "/resourcifierd-proxy-XXXXXX") {
    if (!::mkdtemp(path_.data())) {
        path_.clear();
        process::throw_errno("mkdtemp");
    }
}

void ProxyProcess::Folder::remove() {
    if (path_.empty()) return;
    ::unlink(socket().c_str());
    ::rmdir(path_.c_str());
    path_.clear();
}

ProxyProcess::ProxyProcess(process::Program program, const std::string &folder)
    : folder_(folder), output_(process::make_pipe()), errors_(process::make_pipe()),
      child_(at(std::move(program), folder_.socket()), output_.write.get(), errors_.write.get()) {
    output_.write.close();
    errors_.write.close();
}

ProxyProcess::~ProxyProcess() {
    child_.signal_group(SIGTERM);
    std::array<pollfd, 1> polled{pollfd{child_.pidfd(), POLLIN, 0}};
    poll_for(polled, static_cast<int>(grace.count()));
}

process::FileDescriptor ProxyProcess::wait_until_listening(Clock::time_point until, const process::Event &stop) {
    while (output_text_.find(listening) == std::string::npos) {
        std::array<pollfd, 4> polled{pollfd{child_.pidfd(), POLLIN, 0}, pollfd{output_.read.get(), POLLIN, 0},
                                     pollfd{errors_.read.get(), POLLIN, 0}, pollfd{stop.descriptor(), POLLIN, 0}};
        const bool ended = poll_for(polled, process::Deadline(until).milliseconds_to_check());
        read_some(output_.read, output_text_);
        read_some(errors_.read, error_text_);
        if (ended || polled[3].revents != 0 || Clock::now() >= until) return {};
    }
    process::FileDescriptor socket(::open(folder_.socket().c_str(), O_PATH | O_CLOEXEC | O_NOFOLLOW));
    if (!socket) process::throw_errno("open");
    folder_.remove();
    return socket;
}

ProxyProcess::Event ProxyProcess::wait(const process::Event &wake) {
    for (;;) {
        std::array<pollfd, 4> polled{pollfd{child_.pidfd(), POLLIN, 0}, pollfd{wake.descriptor(), POLLIN, 0},
                                     pollfd{output_.read.get(), POLLIN, 0}, pollfd{errors_.read.get(), POLLIN, 0}};
        const bool ended = poll_for(polled, error_text_.empty() ? -1 : 0); // it may have written before it listened
        read_some(output_.read, output_text_);
        read_some(errors_.read, error_text_);
        if (ended) return Event::ended;
        if (polled[1].revents != 0) return Event::woken;
        if (!error_text_.empty()) return Event::wrote;
    }
}

std::string ProxyProcess::take_errors() {
    read_some(errors_.read, error_text_);
    return std::exchange(error_text_, {});
}

bool ProxyProcess::has_ended() const {
    std::array<pollfd, 1> polled{pollfd{child_.pidfd(), POLLIN, 0}};
    return poll_for(polled, 0);
}

std::string ProxyProcess::how_it_ended() {
    siginfo_t status{};
    if (!child_.reap(&status)) return "ended";
    if (status.si_code == CLD_EXITED) return "exited with code " + std::to_string(status.si_status);
    const char *name = ::sigdescr_np(status.si_status);
    return "was ended by signal " + std::to_string(status.si_status) + " (" + (name ? name : "no name") + ")";
}

bool ProxyProcess::answers(Endpoint &endpoint, Clock::time_point until) {
    const process::Deadline deadline(until);
    try {
        // kubectl refuses this path itself (its flag --reject-paths): the cluster is not asked.
        Connection("/proc/self/fd/" + std::to_string(endpoint.socket.get()), deadline)
            .exchange({"GET", "/api/v1/namespaces/x/pods/x/exec", {}}, deadline);
        return true;
    } catch (const ConnectionLost &) {
        return false;
    }
}

} // namespace rsf::kubectl::transports
