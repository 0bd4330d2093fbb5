// SPDX-License-Identifier: Apache-2.0
//
// A server that has run out of file descriptors.
#include "http/test_server.hpp"
#include "support/catch.hpp"

#include <fcntl.h>
#include <memory>
#include <sys/resource.h>
#include <unistd.h>
#include <vector>

using namespace rsf::base;
using namespace rsf::http;
using namespace rsf::http::test;

namespace {

// No descriptor is to be had by this process while it lives.
class NoDescriptors {
  public:
    NoDescriptors() : lowest_free_(open("/dev/null", O_RDONLY | O_CLOEXEC)) {
        REQUIRE(getrlimit(RLIMIT_NOFILE, &before_) == 0);
        rlimit none = before_;
        none.rlim_cur = static_cast<rlim_t>(lowest_free_) + 1;
        REQUIRE(setrlimit(RLIMIT_NOFILE, &none) == 0);
    }
    ~NoDescriptors() {
        setrlimit(RLIMIT_NOFILE, &before_);
        close(lowest_free_);
    }
    NoDescriptors(const NoDescriptors &) = delete;
    NoDescriptors &operator=(const NoDescriptors &) = delete;

  private:
    const int lowest_free_;
    rlimit before_{};
};

} // namespace

TEST_CASE("a server that has run out of descriptors says so to new clients, serves the others, and goes on once there are some") {
    const TestServer server;
    RawClient early(server.address());
    CHECK(early.ask(request("GET", "/healthz")).status == 200);
    std::vector<std::unique_ptr<RawClient>> late;
    for (int i = 0; i < 20; ++i) late.push_back(std::make_unique<RawClient>(RawClient::Later{}));
    {
        const NoDescriptors none;
        for (const auto &client : late) {
            client->connect(server.address());
            const Reply reply = client->ask(request("GET", "/targets"));
            CHECK(reply.status == 503);
            CHECK(reply.header("Retry-After") == "2");
            CHECK_THAT(reply.body, ContainsSubstring("as the system lets it"));
            CHECK(client->closed_by_server());
            CHECK(early.ask(request("GET", "/targets")).status == 200);
        }
    }
    CHECK(server.ask(request("GET", "/targets")).status == 200);
}

TEST_CASE("whether the daemon is alive is answered without any descriptor") {
    const TestServer server;
    RawClient early(server.address()); // the server has all its own descriptors once it has answered
    CHECK(early.ask(request("GET", "/healthz")).status == 200);
    RawClient probe{RawClient::Later{}};
    const NoDescriptors none;
    probe.connect(server.address());
    CHECK(probe.ask(request("GET", "/healthz")).status == 200);
    CHECK(probe.closed_by_server());
}

TEST_CASE("more clients than there are spare descriptors are all answered, one after another") {
    const TestServer server;
    RawClient early(server.address());
    CHECK(early.ask(request("GET", "/healthz")).status == 200);
    std::vector<std::unique_ptr<RawClient>> silent;
    for (int i = 0; i < 50; ++i) silent.push_back(std::make_unique<RawClient>(RawClient::Later{}));
    RawClient probe{RawClient::Later{}};
    {
        const NoDescriptors none;
        for (const auto &client : silent) client->connect(server.address());
        probe.connect(server.address());
        // The oldest makes place for the next, and is told.
        CHECK(silent.front()->read().status == 503);
        CHECK(probe.ask(request("GET", "/healthz")).status == 200);
    }
    CHECK(server.ask(request("GET", "/targets")).status == 200);
}
