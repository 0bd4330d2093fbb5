// SPDX-License-Identifier: Apache-2.0
//
// The daemon as a process: how long from its start until /healthz answers, what memory it has when idle, and at most while it
// carries out one large request.
//   process DAEMON SETTINGS SOCKET TARGET BODY: SETTINGS listen on the Unix socket; BODY is posted to TARGET
#include "measure.hpp"

#include <csignal>
#include <cstring>
#include <fstream>
#include <iostream>
#include <spawn.h>
#include <sstream>
#include <stdexcept>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

namespace rsf::bench {

namespace {

struct Arguments {
    std::string daemon, settings, socket, target, body;
};

class Daemon {
  public:
    explicit Daemon(const Arguments &of) {
        ::unlink(of.socket.c_str());
        std::string program = of.daemon, option = "--settings", settings = of.settings;
        char *arguments[] = {program.data(), option.data(), settings.data(), nullptr};
        if (::posix_spawn(&pid_, program.c_str(), nullptr, nullptr, arguments, environ) != 0)
            throw std::runtime_error("the daemon can't be started");
    }
    Daemon(const Daemon &) = delete;
    Daemon &operator=(const Daemon &) = delete;
    ~Daemon() {
        ::kill(pid_, SIGTERM);
        ::waitpid(pid_, nullptr, 0);
    }

    // VmRSS or VmHWM, in MB.
    double memory(const std::string &which) const {
        std::ifstream status("/proc/" + std::to_string(pid_) + "/status");
        for (std::string line; std::getline(status, line);)
            if (line.starts_with(which + ":")) return std::stod(line.substr(which.size() + 1)) / 1000;
        throw std::runtime_error("the daemon ended");
    }

    bool has_ended() const { return ::waitpid(pid_, nullptr, WNOHANG) != 0; }

  private:
    pid_t pid_ = 0;
};

// The status of the answer, or 0 when nobody listens yet.
int request(const std::string &socket_path, const std::string &text) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, socket_path.c_str(), sizeof address.sun_path - 1);
    const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    std::string answer;
    if (::connect(fd, reinterpret_cast<const sockaddr *>(&address), sizeof address) == 0) {
        for (std::size_t sent = 0; sent < text.size();) {
            const auto count = ::send(fd, text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
            if (count <= 0) break;
            sent += static_cast<std::size_t>(count);
        }
        char piece[65536];
        for (ssize_t count; (count = ::read(fd, piece, sizeof piece)) > 0;) answer.append(piece, static_cast<std::size_t>(count));
    }
    ::close(fd);
    return answer.size() > 12 ? std::stoi(answer.substr(9, 3)) : 0;
}

void wait_for_health(const Arguments &of, const Daemon &daemon) {
    while (request(of.socket, "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n") != 200) {
        if (daemon.has_ended()) throw std::runtime_error("the daemon ended");
        ::usleep(200);
    }
}

} // namespace

void run(const Arguments &of) {
    std::ostringstream body;
    body << std::ifstream(of.body, std::ios::binary).rdbuf();
    const std::string post =
        "POST " + of.target +
        " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nPrefer: handling=strict\r\nContent-Type: application/yaml\r\n" +
        "Content-Length: " + std::to_string(body.str().size()) + "\r\n\r\n" + body.str();
    std::vector<double> starts, idle, peaks;
    for (int round = 0; round < 9; ++round) {
        const Clock::time_point begun = Clock::now();
        const Daemon daemon(of);
        wait_for_health(of, daemon);
        starts.push_back(seconds_since(begun) * 1e3);
        idle.push_back(daemon.memory("VmRSS"));
        if (const int status = request(of.socket, post); status != 201)
            throw std::runtime_error("the post was answered with status " + std::to_string(status));
        peaks.push_back(daemon.memory("VmHWM"));
    }
    row("start until /healthz answers, ms", text(median(starts), "ms", 1), "-", median(starts), "<= 50");
    row("resident memory, idle, MB", text(median(idle), "MB", 1), "-", median(idle), "<= 14");
    row("most resident memory while 1,000 resources are created (dryrun), MB", text(median(peaks), "MB", 1), "-", median(peaks),
        "<= 64");
}

} // namespace rsf::bench

int main(int argc, char **argv) {
    try {
        if (argc != 6) throw std::runtime_error("usage: process DAEMON SETTINGS SOCKET TARGET BODY");
        rsf::bench::run({argv[1], argv[2], argv[3], argv[4], argv[5]});
    } catch (const std::exception &error) {
        std::cerr << error.what() << '\n';
        return 1;
    }
}
