// SPDX-License-Identifier: Apache-2.0
//
// With sockets that the service manager holds, a restart costs no client anything.
#include "support/catch.hpp"
#include "support/daemon_process.hpp"
#include "support/http_client.hpp"

#include <chrono>
#include <csignal>
#include <future>
#include <memory>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

using namespace rsf::test;

namespace {

const std::string targets = "  a: {driver: dryrun}\n";
constexpr int most_restarts = 6;

class ListeningSocket {
  public:
    ListeningSocket() : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in local{};
        local.sin_family = AF_INET;
        local.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof local;
        REQUIRE(::bind(fd_, reinterpret_cast<const sockaddr *>(&local), sizeof local) == 0);
        REQUIRE(::listen(fd_, 1024) == 0);
        REQUIRE(::getsockname(fd_, reinterpret_cast<sockaddr *>(&local), &size) == 0);
        port_ = ntohs(local.sin_port);
    }
    ~ListeningSocket() { ::close(fd_); }
    ListeningSocket(const ListeningSocket &) = delete;
    ListeningSocket &operator=(const ListeningSocket &) = delete;
    int fd() const { return fd_; }
    std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
    std::string url() const { return "http://" + address(); }

  private:
    int fd_;
    int port_ = 0;
};

// Restarts the daemon while wrk, with arguments, asks it as fast as it can. What wrk says.
std::string restarted_under(const std::vector<std::string> &arguments, const ListeningSocket &socket) {
    const auto start = [&] { return std::make_unique<DaemonProcess>(targets, "", Surroundings{{}, {}, socket.fd()}); };
    std::unique_ptr<DaemonProcess> daemon = start();
    auto load = std::async(std::launch::async, [&] { return run_program(arguments); });
    int restarts = 0;
    while (restarts < most_restarts && load.wait_for(std::chrono::seconds(0)) != std::future_status::ready) {
        HttpClient(socket.address()).send("GET", "/healthz"); // it serves
        daemon->signal(SIGTERM);
        CHECK(daemon->wait() == 0);
        daemon = start();
        ++restarts;
    }
    CHECK(restarts > 0);
    const Ended ended = load.get();
    INFO(ended.err);
    CHECK(ended.exit_code == 0);
    return ended.out;
}

void check_no_error(const std::string &said) {
    INFO(said);
    CHECK_THAT(said, ContainsSubstring("requests in"));
    CHECK_THAT(said, !ContainsSubstring("Socket errors"));
    CHECK_THAT(said, !ContainsSubstring("Non-2xx"));
}

} // namespace

TEST_CASE("restarts under load lose no read") {
    const ListeningSocket socket;
    check_no_error(
        restarted_under({"wrk", "-t1", "-c32", "-d8s", "--timeout", "30s", socket.url() + "/configurations/cm"}, socket));
}

TEST_CASE("restarts under load lose no write") {
    const ListeningSocket socket;
    const TempFolder folder;
    const std::string script = (folder.path() / "put.lua").string();
    write_file(script, R"(wrk.method = "PUT"
wrk.headers["Content-Type"] = "application/json"
wrk.body = '{"resources": [{"name": "a", "type": "ConfigMap", "properties": {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}}}]}'
)");
    check_no_error(restarted_under(
        {"wrk", "-t1", "-c32", "-d8s", "--timeout", "30s", "-s", script, socket.url() + "/configurations?strategy=apply"},
        socket));
}
