// SPDX-License-Identifier: Apache-2.0
//
// Where the server listens, and how it goes down.
#include "http/test_server.hpp"
#include "support/catch.hpp"
#include "support/temp_folder.hpp"

#include <array>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <future>
#include <grp.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <thread>
#include <unistd.h>

using namespace rsf::base;
using namespace rsf::drivers;
using namespace rsf::http;
using namespace rsf::http::test;
using namespace rsf::api::test;
using rsf::test::TempFolder;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

// The address of a Unix socket in that folder.
std::string unix_name(const TempFolder &folder, const char *file) { return "unix:" + (folder / file).string(); }

std::string bind_error(std::vector<ListenAddress> listen, bool insecure = false) {
    const auto server = Server::bind({.listen = std::move(listen), .limits = {}, .threads = 1, .insecure_listen = insecure},
                                     nullptr, silent_log());
    return server ? "bound" : to_string(server.error());
}

std::chrono::steady_clock::time_point soon() { return std::chrono::steady_clock::now() + 60s; }

// A bound Unix socket without anybody behind it, as a killed daemon leaves it.
void leave_stale_socket(const fs::path &path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.string().copy(address.sun_path, sizeof address.sun_path - 1);
    const int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    REQUIRE(bind(fd, reinterpret_cast<const sockaddr *>(&address), sizeof address) == 0);
    close(fd);
}

} // namespace

TEST_CASE("every address is listened on, and told with its real port") {
    const TempFolder folder;
    const std::string local = unix_name(folder, "api.sock");
    std::vector<ListenAddress> listen{"127.0.0.1:0", "127.0.0.1:0", local};
    const int probe = socket(AF_INET6, SOCK_STREAM, 0);
    sockaddr_in6 loopback{};
    loopback.sin6_family = AF_INET6;
    loopback.sin6_addr = in6addr_loopback;
    if (bind(probe, reinterpret_cast<const sockaddr *>(&loopback), sizeof loopback) == 0)
        listen.push_back("[::1]:0");
    else
        WARN("IPv6 is not tested: this machine has no ::1");
    close(probe);
    const TestServer server({}, listen);
    const auto addresses = server.server->addresses();
    REQUIRE(addresses.size() == listen.size());
    CHECK(addresses[0] != addresses[1]);
    CHECK(addresses[2] == local);
    for (const std::string &address : addresses) {
        INFO(address);
        CHECK(address.substr(address.size() - 2) != ":0");
        CHECK(RawClient(address).ask(request("GET", "/healthz")).status == 200);
    }
}

TEST_CASE("what can't be listened on is told with what to do") {
    const TempFolder folder;
    {
        const int file = open((folder / "file").c_str(), O_CREAT | O_WRONLY, 0600);
        close(file);
    }
    const TestServer other({}, {"127.0.0.1:0", unix_name(folder, "live.sock")});
    struct Row {
        const char *name;
        std::string listen;
        const char *says;
    };
    const Row rows[] = {
        {"a port that is taken", other.address(), "choose another port"},
        {"a socket that is taken", unix_name(folder, "live.sock"), "another program listens there"},
        {"a file in the way", unix_name(folder, "file"), "not a socket"},
        {"a folder that is not there", unix_name(folder, "nope/x.sock"), "No such file"},
        {"a relative path", "unix:x.sock", "must begin with '/'"},
        {"a path that is too long", "unix:/" + std::string(200, 'a'), "107 bytes"},
        {"no port", "127.0.0.1", "Write 127.0.0.1:8080"},
        {"no host", ":8080", "Write 127.0.0.1:8080"},
        {"an empty port", "127.0.0.1:", "Write 127.0.0.1:8080"},
        {"a port that is too large", "127.0.0.1:65536", "Write 127.0.0.1:8080"},
        {"a port by name", "127.0.0.1:http", "Write 127.0.0.1:8080"},
        {"IPv6 without brackets", "::1:8080", "Write 127.0.0.1:8080"},
        {"an address for other machines", "203.0.113.1:0", "insecure_listen: true"},
        {"every address", "0.0.0.0:0", "other machines can connect there"},
        {"every address of IPv6", "[::]:0", "other machines can connect there"},
        {"systemd, started otherwise", "systemd", "socket unit"},
    };
    for (const Row &row : rows) {
        INFO(row.name);
        const std::string error = bind_error({row.listen});
        CHECK_THAT(error, StartsWith("can't listen on " + row.listen.substr(0, 60)));
        CHECK_THAT(error, ContainsSubstring(row.says));
    }
    CHECK_THAT(bind_error({}), ContainsSubstring("no address"));
    CHECK_THAT(bind_error({"203.0.113.1:0"}, true), ContainsSubstring("Cannot assign"));
    CHECK(fs::exists(folder / "file"));
    CHECK(RawClient(unix_name(folder, "live.sock")).ask(request("GET", "/healthz")).status == 200);
}

TEST_CASE("all addresses are bound or none") {
    const TempFolder folder;
    const std::string local = unix_name(folder, "api.sock");
    CHECK_THAT(bind_error({local, "127.0.0.1:nonsense"}), ContainsSubstring("127.0.0.1:nonsense"));
    CHECK_FALSE(fs::exists(folder / "api.sock"));
}

TEST_CASE("a socket that a killed daemon left is taken over, and is removed at the end") {
    const TempFolder folder;
    leave_stale_socket(folder / "api.sock");
    {
        const TestServer server({}, {unix_name(folder, "api.sock")});
        CHECK(server.ask(request("GET", "/healthz")).status == 200);
    }
    CHECK_FALSE(fs::exists(folder / "api.sock"));
}

TEST_CASE("a socket that another daemon made in the same place is left alone at the end") {
    const TempFolder folder;
    {
        const TestServer server({}, {unix_name(folder, "api.sock")});
        fs::remove(folder / "api.sock");
        leave_stale_socket(folder / "api.sock");
    }
    CHECK(fs::exists(folder / "api.sock"));
}

TEST_CASE("a socket has the owner, group and mode that the settings say") {
    const TempFolder folder;
    ListenAddress address(unix_name(folder, "api.sock"));
    address.mode = 0606;
    address.group = "daemon";
    if (geteuid() == 0) address.owner = "nobody";
    struct group *group = getgrnam("daemon"); // NOLINT(concurrency-mt-unsafe): one thread yet
    REQUIRE(group != nullptr);
    const gid_t wanted = group->gr_gid;
    if (geteuid() != 0) {
        CHECK_THAT(bind_error({address}), ContainsSubstring("it can't be given to that owner and group"));
        return;
    }
    const TestServer server({}, {address});
    struct stat status {};
    REQUIRE(stat((folder / "api.sock").c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0606);
    CHECK(status.st_gid == wanted);
    CHECK(status.st_uid != 0);
    CHECK(server.ask(request("GET", "/healthz")).status == 200);
}

TEST_CASE("a socket for an unknown owner or group is not made") {
    const TempFolder folder;
    for (const bool owner : {true, false}) {
        ListenAddress address(unix_name(folder, "api.sock"));
        (owner ? address.owner : address.group) = "nosuch";
        CHECK_THAT(bind_error({address}), ContainsSubstring(owner ? "there is no user 'nosuch'" : "there is no group 'nosuch'"));
        CHECK_FALSE(fs::exists(folder / "api.sock"));
    }
}

namespace {

// Descriptors from 3 on as systemd passes them, for as long as this lives; what this process has there is kept aside.
class Passed {
  public:
    Passed(const std::vector<int> &sockets, const char *names) {
        for (std::size_t i = 0; i < sockets.size(); ++i) {
            const int place = 3 + static_cast<int>(i);
            kept_.push_back(fcntl(place, F_DUPFD_CLOEXEC, 100));
            REQUIRE(dup2(sockets[i], place) == place);
        }
        setenv("LISTEN_PID", std::to_string(getpid()).c_str(), 1);
        setenv("LISTEN_FDS", std::to_string(sockets.size()).c_str(), 1);
        if (names) setenv("LISTEN_FDNAMES", names, 1);
    }
    ~Passed() {
        for (const char *name : {"LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"}) unsetenv(name);
        for (std::size_t i = 0; i < kept_.size(); ++i) {
            const int place = 3 + static_cast<int>(i);
            close(place);
            if (kept_[i] < 0) continue;
            dup2(kept_[i], place);
            close(kept_[i]);
        }
    }
    Passed(const Passed &) = delete;
    Passed &operator=(const Passed &) = delete;

  private:
    std::vector<int> kept_;
};

// A socket that listens on a free port of loopback, out of the way of those that are passed.
int listening_socket(std::uint32_t address = INADDR_LOOPBACK, int type = SOCK_STREAM) {
    const int fd = socket(AF_INET, type, 0);
    sockaddr_in local{};
    local.sin_family = AF_INET;
    local.sin_addr.s_addr = htonl(address);
    REQUIRE(bind(fd, reinterpret_cast<const sockaddr *>(&local), sizeof local) == 0);
    if (type == SOCK_STREAM) REQUIRE(listen(fd, 8) == 0);
    const int high = fcntl(fd, F_DUPFD_CLOEXEC, 50);
    close(fd);
    return high;
}

std::string port_of(int fd) {
    sockaddr_in local{};
    socklen_t size = sizeof local;
    REQUIRE(getsockname(fd, reinterpret_cast<sockaddr *>(&local), &size) == 0);
    return "127.0.0.1:" + std::to_string(ntohs(local.sin_port));
}

} // namespace

TEST_CASE("sockets that systemd passes are served") {
    const int one = listening_socket();
    const Passed passed({one}, nullptr);
    const TestServer server({}, {"systemd"});
    CHECK(server.address() == port_of(one));
    CHECK(server.ask(request("GET", "/healthz")).status == 200);
    close(one);
}

TEST_CASE("sockets that systemd passes are taken by their names, and the others by systemd") {
    const int one = listening_socket(), two = listening_socket(), three = listening_socket();
    const Passed passed({one, two, three}, "api:admin:api");
    const TestServer server({}, {"systemd:admin", "systemd"});
    CHECK(server.server->addresses() == std::vector<std::string>{port_of(two), port_of(one), port_of(three)});
    for (const int fd : {one, two, three}) {
        CHECK(RawClient(port_of(fd)).ask(request("GET", "/healthz")).status == 200);
        close(fd);
    }
}

TEST_CASE("what is wrong with the sockets that systemd passes is said") {
    const int good = listening_socket(), datagram = listening_socket(INADDR_LOOPBACK, SOCK_DGRAM),
              open_to_all = listening_socket(INADDR_ANY);
    {
        const Passed passed({datagram}, "udp");
        CHECK_THAT(bind_error({"systemd"}), ContainsSubstring("descriptor 3 is not a listening stream socket"));
    }
    {
        const Passed passed({open_to_all}, "api");
        CHECK_THAT(bind_error({"systemd"}), ContainsSubstring("other machines can connect there"));
    }
    {
        const Passed passed({good}, "api");
        CHECK_THAT(bind_error({"systemd:admin"}), ContainsSubstring("those it passed are called 'api'"));
    }
    {
        const Passed passed({good}, "api");
        CHECK_THAT(bind_error({"127.0.0.1:0"}),
                   ContainsSubstring("passes a socket called 'api' that no address in listen takes"));
    }
    for (const int fd : {good, datagram, open_to_all}) close(fd);
}

TEST_CASE("a server that stops finishes what is under way and takes no more") {
    const TestServer server;
    std::promise<void> go_on;
    const auto gate = go_on.get_future().share();
    server.cluster->behave([&](const Call &) -> Answer {
        gate.wait();
        return Success{};
    });
    RawClient idle(server.address());
    CHECK(idle.ask(request("GET", "/healthz")).status == 200);
    RawClient fresh(server.address());
    RawClient busy(server.address());
    busy.send(request("POST", "/configurations", "", two_resources));
    server.cluster->wait_for_calls(1);
    CHECK_FALSE(server.server->wait_idle(std::chrono::steady_clock::now()));

    server.server->stop_accepting();
    CHECK(idle.closed_by_server());
    CHECK(fresh.closed_by_server());
    CHECK_FALSE(server.server->wait_idle(std::chrono::steady_clock::now()));
    go_on.set_value();
    const Reply reply = busy.read();
    CHECK(reply.status == 201);
    CHECK(reply.header("Connection") == "close");
    CHECK(busy.closed_by_server());
    CHECK(server.server->wait_idle(soon()));
    CHECK_THROWS(RawClient(server.address()));
}

TEST_CASE("a server can end while a driver is still at work") {
    std::promise<void> go_on;
    const auto gate = go_on.get_future().share();
    const auto cluster = std::make_shared<FakeCluster>();
    const rsf::targets::TargetSet targets = fake_targets(cluster);
    cluster->behave([&](const Call &) -> Answer {
        gate.wait();
        return Success{};
    });
    {
        auto served = std::make_unique<ServedApi>(targets);
        RawClient writer(served->address());
        writer.send(request("POST", "/configurations", "", two_resources));
        RawClient reader(served->address());
        reader.send(request("GET", "/configurations/cm/a"));
        cluster->wait_for_calls(3);
        served.reset();
        CHECK_FALSE(writer.read().status);
        CHECK_FALSE(reader.read().status);
    }
    go_on.set_value();
    CHECK(targets.by_name.at("prod")->wait_idle(soon()));
}

TEST_CASE("many clients at once are all answered") {
    const TestServer server;
    std::vector<std::thread> clients;
    std::atomic<int> good = 0;
    for (int i = 0; i < 16; ++i)
        clients.emplace_back([&] {
            RawClient client(server.address());
            for (int j = 0; j < 25; ++j) {
                good += client.ask(request("POST", "/configurations", "", two_resources)).status == 201;
                good += client.ask(request("GET", "/configurations/cm/a")).status == 200;
            }
        });
    for (std::thread &client : clients) client.join();
    CHECK(good == 16 * 50);
}
