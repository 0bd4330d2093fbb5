// SPDX-License-Identifier: Apache-2.0
#include "service/control.hpp"
#include "support/catch.hpp"
#include "support/daemon_process.hpp"

#include <future>
#include <poll.h>
#include <pwd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace rsf::base;
using namespace rsf::service;
using rsf::test::TempFolder;
namespace fs = std::filesystem;

namespace {

// The next request, from somebody who may.
ControlRequest next(ControlSocket &socket) {
    for (;;) {
        pollfd asked{socket.descriptor(), POLLIN, 0};
        REQUIRE(::poll(&asked, 1, 60'000) == 1);
        if (auto request = socket.receive()) return std::move(*request);
    }
}

} // namespace

TEST_CASE("a request is received, and its answer told to whoever asked") {
    const TempFolder folder;
    const fs::path path = folder.path() / "c";
    const auto socket = ControlSocket::open(path).value();
    auto good = std::async(std::launch::async, [&] { return ask_daemon(path, "reload"); });
    {
        const ControlRequest request = next(*socket);
        CHECK(request.text() == "reload");
        request.answer("all is well");
    }
    CHECK(good.get().value() == "all is well");

    auto bad = std::async(std::launch::async, [&] { return ask_daemon(path, "reload"); });
    next(*socket).answer(Error{Code::invalid, "no such key", {"s.yaml", 3, 4, ""}, {}});
    CHECK(to_string(bad.get().error()) == "s.yaml:3:4: no such key");

    auto broken_off = std::async(std::launch::async, [&] { return ask_daemon(path, "reload"); });
    static_cast<void>(next(*socket)); // dropped
    CHECK_THAT(to_string(broken_off.get().error()), ContainsSubstring("broke off"));
}

TEST_CASE("an answer may be longer than a packet, and one that is cut off is none") {
    const TempFolder folder;
    const fs::path path = folder.path() / "c";
    const auto socket = ControlSocket::open(path).value();
    const std::string text = std::string(1'000'000, 'x') + "end";
    auto whole = std::async(std::launch::async, [&] { return ask_daemon(path, "status"); });
    next(*socket).answer(text);
    CHECK(whole.get().value() == text);
    auto empty = std::async(std::launch::async, [&] { return ask_daemon(path, "status"); });
    next(*socket).answer(std::string());
    CHECK(empty.get().value().empty());
}

TEST_CASE("only the daemon's user may enter, and a client that says nothing is not waited for") {
    const TempFolder folder;
    const fs::path path = folder.path() / "c";
    const auto socket = ControlSocket::open(path).value();
    struct stat status {};
    REQUIRE(::stat(path.c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0600);

    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.string().copy(address.sun_path, sizeof address.sun_path - 1);
    const int silent = ::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    REQUIRE(::connect(silent, reinterpret_cast<const sockaddr *>(&address), sizeof address) == 0);
    CHECK_FALSE(socket->receive());
    ::close(silent);
    CHECK_FALSE(socket->receive()); // nobody asks

    if (::geteuid() != 0) {
        WARN("not tested: a request of another user, which takes root");
        return;
    }
    // As if the file let others in.
    REQUIRE(::chmod(path.c_str(), 0666) == 0);
    REQUIRE(::chmod(folder.path().c_str(), 0755) == 0);
    const pid_t other = ::fork();
    if (other == 0) {
        const bool is_refused = ::setuid(65534) == 0 && !ask_daemon(path, "reload");
        ::_exit(is_refused ? 0 : 1);
    }
    pollfd asked{socket->descriptor(), POLLIN, 0};
    REQUIRE(::poll(&asked, 1, 60'000) == 1);
    CHECK_FALSE(socket->receive());
    int ended = -1;
    ::waitpid(other, &ended, 0);
    CHECK(ended == 0);
}

TEST_CASE("a control socket that goes leaves the file of one that took its place") {
    const TempFolder folder;
    const fs::path path = folder.path() / "c";
    auto first = ControlSocket::open(path);
    REQUIRE(first.has_value());
    fs::rename(path, folder.path() / "moved"); // the first one's file is not where it was
    auto second = ControlSocket::open(path);
    REQUIRE(second.has_value());
    first->reset();
    CHECK(fs::exists(path));
    second->reset();
    CHECK_FALSE(fs::exists(path));
}

TEST_CASE("a socket's file is told from a later one at its place, though the file system counts anew with its number") {
    const TempFolder folder;
    const std::string path = folder.path() / "s";
    const sockaddr_un address = unix_address(path).value();
    const auto bind = [&] {
        FileDescriptor bound(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
        REQUIRE(::bind(bound.get(), reinterpret_cast<const sockaddr *>(&address), sizeof address) == 0);
        return bound;
    };
    std::optional<FileDescriptor> first(bind());
    std::optional<SocketFile> file(path);
    first.reset(); // it listens no more, and its file is there for a while
    CHECK(remove_stale_socket(address, SOCK_STREAM) == SocketPath::free);
    const FileDescriptor second = bind();
    file.reset();
    CHECK(fs::exists(path));
}

TEST_CASE("a control socket is not made where something else is") {
    const TempFolder folder;
    const fs::path path = folder.path() / "c";
    rsf::test::write_file(path, "x");
    CHECK_THAT(to_string(ControlSocket::open(path).error()), ContainsSubstring("not a socket"));
    CHECK(fs::exists(path));
    CHECK_THAT(to_string(ControlSocket::open(folder.path() / "none" / "c").error()), ContainsSubstring("No such file"));
    CHECK_THAT(to_string(ControlSocket::open("/" + std::string(200, 'a')).error()), ContainsSubstring("too long"));
    CHECK_THAT(to_string(ask_daemon("/" + std::string(200, 'a'), "reload").error()), ContainsSubstring("too long"));
    CHECK_THAT(to_string(ask_daemon(folder.path() / "none", "reload").error()), ContainsSubstring("does the daemon run?"));
}
