// SPDX-License-Identifier: Apache-2.0
//
// A daemon under clients that mean no good: others are answered rightly meanwhile, and nothing is left of it afterwards.
#include "load/crowd.hpp"
#include "support/catch.hpp"
#include "support/daemon_process.hpp"

#include <algorithm>
#include <atomic>
#include <fcntl.h>
#include <fstream>
#include <memory>
#include <sys/stat.h>
#include <thread>

using namespace rsf::test;

namespace {

constexpr std::string_view get_alive = "GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n";

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool memory_is_the_daemons = false; // sanitizers keep what was freed
#else
constexpr bool memory_is_the_daemons = true;
#endif

std::string config_map(const std::string &name, std::size_t size = 10) {
    return "resources: [{name: " + name +
           ", type: ConfigMap, properties: {apiVersion: v1, kind: ConfigMap, metadata: {name: " + name +
           "}, data: {x: " + std::string(size, 'x') + "}}}]";
}

// A daemon, with what it takes when nobody asks anything.
struct LoadedDaemon {
    explicit LoadedDaemon(std::string_view more_settings = {}, const std::string &more_targets = {})
        : daemon("  prod: {driver: dryrun, queue: 10000}\n" + more_targets,
                 "default_target: prod\n" + std::string(more_settings)) {
        HttpClient client = daemon.connect();
        for (int i = 0; i < 300; ++i)
            REQUIRE(client.send("POST", "/configurations", config_map("a" + std::to_string(i))).status == 201);
        kib = resident_kib(daemon.pid());
        descriptors = open_descriptors(daemon.pid());
    }

    std::string socket() const { return (daemon.folder() / "socket").string(); }

    // Everything is as it was before, in time.
    void check_recovered() const {
        CHECK(comes_true([&] { return open_descriptors(daemon.pid()) <= descriptors + 40; })); // lines to drivers stay
        // Memory that is free goes back to the system once the daemon has nothing to do.
        CHECK(comes_true([&] { return !memory_is_the_daemons || resident_kib(daemon.pid()) < kib + std::size_t{24} * 1024; }));
        INFO(kib << " KiB before, " << resident_kib(daemon.pid()) << " after");
        CHECK(daemon.connect().send("POST", "/configurations", config_map("afterwards")).status == 201);
        CHECK(daemon.connect().send("DELETE", "/configurations", config_map("afterwards")).status == 204);
    }

    DaemonProcess daemon;
    std::size_t kib = 0, descriptors = 0;
};

// Others, who ask on connections of their own until they are enough, and count what is not answered as it should be.
class Others {
  public:
    explicit Others(const DaemonProcess &daemon) {
        threads_.emplace_back([&] {
            while (!enough_) {
                try {
                    HttpClient client = daemon.connect();
                    while (!enough_) {
                        note(client.send("GET", "/configurations/ConfigMap/a0").status == 200);
                        note(client.send("PUT", "/configurations", config_map("a1")).status == 200);
                    }
                } catch (const std::exception &) { // it got no answer
                    note(false);
                }
            }
        });
        threads_.emplace_back([&] {
            while (!enough_) {
                try {
                    note(daemon.connect().send("GET", "/livez").status == 200);
                } catch (const std::exception &) {
                    note(false);
                }
            }
        });
    }
    ~Others() { end(); }

    // How many were answered wrongly, or -1 if none was at all.
    int wrong() {
        end();
        return asked_ == 0 ? -1 : wrong_.load();
    }

  private:
    void end() {
        enough_ = true;
        for (std::thread &thread : threads_)
            if (thread.joinable()) thread.join();
    }
    void note(bool good) {
        ++asked_;
        wrong_ += !good;
    }

    std::atomic<bool> enough_ = false;
    std::atomic<int> asked_ = 0, wrong_ = 0;
    std::vector<std::thread> threads_;
};

std::vector<Connection> connect_many(const std::string &socket, std::size_t count) {
    std::vector<Connection> connections;
    for (std::size_t i = 0; i < count; ++i) connections.emplace_back(socket);
    return connections;
}

// Lets each of them read a little, and send something, until the daemon has closed them all.
bool all_are_closed(std::vector<Connection> &connections, std::string_view bytes) {
    std::vector<Connection *> open;
    for (Connection &connection : connections) open.push_back(&connection);
    return comes_true([&] {
        std::erase_if(open, [&](Connection *connection) {
            connection->send(bytes);
            return connection->is_closed(16);
        });
        return open.empty();
    });
}

} // namespace

TEST_CASE("two thousand idle connections cost a little memory each, and nothing once they are gone") {
    constexpr std::size_t count = 2000;
    allow_connections(count);
    const LoadedDaemon loaded("limits: {header_time: 1h, idle_time: 1h}\n");
    {
        Others others(loaded.daemon);
        std::vector<Connection> idle = connect_many(loaded.socket(), count);
        for (const Connection &connection : idle) connection.send(get_alive);
        for (const Connection &connection : idle) REQUIRE_THAT(connection.receive(), StartsWith("HTTP/1.1 200 "));
        const std::size_t kib = resident_kib(loaded.daemon.pid());
        INFO(loaded.kib << " KiB before, " << kib << " with idle connections");
        if (memory_is_the_daemons) CHECK(kib - std::min(kib, loaded.kib) < 10 * count);
        CHECK(open_descriptors(loaded.daemon.pid()) >= loaded.descriptors + count);
        for (const Connection &connection : idle) connection.send(get_alive);
        for (const Connection &connection : idle) REQUIRE_THAT(connection.receive(), StartsWith("HTTP/1.1 200 "));
        CHECK(others.wrong() == 0);
    }
    loaded.check_recovered();
}

TEST_CASE("ten thousand connections that are opened and dropped leave nothing behind") {
    const LoadedDaemon loaded;
    Others others(loaded.daemon);
    std::vector<std::thread> droppers;
    for (int part = 0; part < 4; ++part)
        droppers.emplace_back([&, part] {
            for (int i = 0; i < 2500; ++i) {
                Connection connection(loaded.socket());
                if (part == 1) connection.send("POST /configurations HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/yaml\r\n");
                if (part == 2)
                    connection.send("POST /configurations HTTP/1.1\r\nHost: localhost\r\nContent-Type: "
                                    "text/yaml\r\nContent-Length: 1000\r\n\r\nresources:");
                if (part == 3) connection.send("GET /configurations/ConfigMap HTTP/1.1\r\nHost: localhost\r\n\r\n");
                if (i % 2 == 0) connection.reset();
            }
        });
    for (std::thread &dropper : droppers) dropper.join();
    CHECK(others.wrong() == 0);
    loaded.check_recovered();
}

TEST_CASE("more connections than there may be are told so or closed, and whether the daemon is alive is answered throughout") {
    constexpr std::size_t count = 1000;
    allow_connections(count);
    const LoadedDaemon loaded("limits: {connections: 100, header_time: 1h}\n");
    {
        std::vector<Connection> slow;
        for (std::size_t i = 0; i < count; ++i) {
            slow.emplace_back(loaded.socket());
            slow.back().send("GET /targets HTTP/1.1\r\n"); // and no more
            if (i % 10 == 0) CHECK(loaded.daemon.connect().send("GET", "/livez").status == 200);
        }
        // All but those who have a place, in the reserve or not.
        std::size_t told = 0;
        CHECK(comes_true([&] {
            told = 0;
            for (Connection &connection : slow)
                told += connection.is_closed(4096) && connection.received().starts_with("HTTP/1.1 503 ");
            return told >= count - 100 - 64;
        }));
        CHECK(loaded.daemon.connect().send("GET", "/livez").status == 200);
    }
    loaded.check_recovered();
}

TEST_CASE("clients that are slow with heads, bodies or reading are cut off while others are answered") {
    constexpr std::size_t count = 150; // of each kind
    allow_connections(3 * count);
    const LoadedDaemon loaded("limits: {header_time: 5s, request_time: 6s, response_time: 2s, idle_time: 4s}\n");
    // More than the system holds for a client that does not read.
    REQUIRE(loaded.daemon.connect().send("POST", "/configurations", config_map("large", 1'500'000)).status == 201);
    {
        Others others(loaded.daemon);
        std::vector<Connection> heads = connect_many(loaded.socket(), count);
        std::vector<Connection> bodies = connect_many(loaded.socket(), count);
        std::vector<Connection> readers = connect_many(loaded.socket(), count);
        for (const Connection &connection : heads) connection.send("GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ");
        for (const Connection &connection : bodies)
            connection.send(
                "POST /configurations HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/yaml\r\nContent-Length: 1000000\r\n\r\n");
        for (const Connection &connection : readers)
            connection.send("GET /configurations/ConfigMap/large HTTP/1.1\r\nHost: localhost\r\n\r\n");
        CHECK(all_are_closed(heads, "x"));
        for (const Connection &connection : heads) CHECK_THAT(connection.received(), StartsWith("HTTP/1.1 408 "));
        CHECK(all_are_closed(bodies, "#"));
        for (const Connection &connection : bodies) CHECK_THAT(connection.received(), StartsWith("HTTP/1.1 408 "));
        CHECK(comes_true([&] { return open_descriptors(loaded.daemon.pid()) <= loaded.descriptors + 45; }));
        // Nobody read meanwhile. Whom there was no memory for was told so, and was idle then.
        CHECK(comes_true([&] { // the rest of what had been sent is still to be read
            const auto is_closed = [](Connection &connection) { return connection.is_closed(1u << 20); };
            return std::ranges::count_if(readers, is_closed) == std::ssize(readers); // looks at each, every time
        }));
        CHECK(others.wrong() == 0);
    }
    loaded.daemon.connect().send("DELETE", "/configurations", config_map("large", 1'500'000));
    loaded.check_recovered();
}

TEST_CASE("a flood on a target whose driver hangs is refused there, and costs the other targets no request") {
    const TempFolder folder;
    const std::string gate = (folder.path() / "gate").string();
    REQUIRE(mkfifo(gate.c_str(), 0600) == 0);
    const LoadedDaemon loaded(
        "", "  slow: {driver: " TEST_BINARY_DIR "/tests/drivers/gate.so, queue: 20, timeout: 10min, settings: {gate: " + gate +
                "}}\n");
    std::atomic<int> refused = 0, made = 0, others_ = 0;
    {
        Others others(loaded.daemon);
        std::vector<std::thread> flood;
        for (int i = 0; i < 40; ++i)
            flood.emplace_back([&, i] {
                while (refused < 2000) {
                    // Where a body is not read, the connection ends.
                    const HttpAnswer answer = loaded.daemon.connect().send("POST", "/targets/slow/configurations",
                                                                           config_map("flood-" + std::to_string(i)));
                    if (answer.status == 503 && answer.headers.contains("retry-after"))
                        ++refused;
                    else if (answer.status == 201)
                        ++made;
                    else
                        ++others_;
                }
            });
        CHECK(comes_true([&] { return refused >= 2000; }));
        CHECK(made == 0); // the driver has let none through
        std::ofstream(gate) << std::string(40, 'g') << std::flush;
        for (std::thread &client : flood) client.join();
        CHECK(others.wrong() == 0);
    }
    CHECK(made >= 20);
    CHECK(others_ == 0);
    loaded.check_recovered();
}
