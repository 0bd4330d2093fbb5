// SPDX-License-Identifier: Apache-2.0
//
// Many who listen to one large operation: each learns how every resource ended, those who don't read cost the others nothing, and
// what the daemon keeps for all of them has a bound.
#include "load/crowd.hpp"
#include "support/catch.hpp"
#include "support/daemon_process.hpp"
#include "support/samples.hpp"

#include <algorithm>
#include <charconv>
#include <fcntl.h>
#include <iostream>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

using namespace rsf::test;

namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr std::size_t resources = 2'000;
constexpr std::size_t most_kib = std::size_t{1} << 20; // sanitizers keep what was freed
#else
constexpr std::size_t resources = 10'000;
// The operation itself takes 70 MiB. What each listener would cost if its events were kept for it is 2 MiB at least.
constexpr std::size_t most_kib = std::size_t{128} << 10;
#endif
constexpr std::size_t listeners = 100;
constexpr std::size_t deaf = 50; // who ask and never read

// A pipe from which the driver takes a byte for each object that it creates.
class GatePipe {
  public:
    explicit GatePipe(const std::filesystem::path &path) : path_(path) {
        if (::mkfifo(path.c_str(), 0600) != 0) throw std::runtime_error("mkfifo failed");
        fd_ = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
        if (fd_ < 0) throw std::runtime_error("the pipe can't be opened");
    }
    ~GatePipe() { ::close(fd_); }
    GatePipe(const GatePipe &) = delete;
    GatePipe &operator=(const GatePipe &) = delete;

    const std::filesystem::path &path() const { return path_; }
    void let_pass(std::size_t count) const {
        const std::string bytes(count, 'x');
        if (::write(fd_, bytes.data(), count) != static_cast<ssize_t>(count)) throw std::runtime_error("the pipe is full");
    }

  private:
    std::filesystem::path path_;
    int fd_;
};

std::string config_maps(std::size_t count) {
    std::string text = R"({"resources": [)";
    for (std::size_t i = 0; i < count; ++i) {
        const std::string name = "map-" + std::to_string(i);
        text += std::string(i ? ", " : "") + R"({"name": ")" + name + R"(", "type": "ConfigMap", "properties": {"apiVersion": )" +
                R"("v1", "kind": "ConfigMap", "metadata": {"name": ")" + name + R"("}}})";
    }
    return text + "]}";
}

// The number behind this word, or none.
std::size_t number_behind(std::string_view text, std::string_view word) {
    const std::size_t at = text.find(word);
    std::size_t number = std::string_view::npos;
    if (at != text.npos) std::from_chars(text.data() + at + word.size(), text.data() + text.size(), number);
    return number;
}

// Asks as a client of HTTP/1.0 does, which is answered without chunks, and keeps what it learns and not the events.
class Listener {
  public:
    Listener(const std::string &socket, const std::string &operation) : connection_(socket), created_(resources, false) {
        connection_.send("GET /operations/" + operation + "/events HTTP/1.0\r\nHost: localhost\r\n\r\n");
    }

    // What is there. False: nothing was.
    bool read() {
        is_closed_ = connection_.is_closed(65536);
        text_ += connection_.take();
        std::size_t begin = 0;
        for (std::size_t end; (end = text_.find(is_head_read_ ? "\n\n" : "\r\n\r\n", begin)) != text_.npos;) {
            const std::string_view part = std::string_view(text_).substr(begin, end - begin);
            begin = end + (is_head_read_ ? 2 : 4);
            is_head_read_ ? take(part) : take_head(part);
        }
        const bool is_any = begin != 0;
        text_.erase(0, begin);
        return is_any || is_closed_;
    }

    bool has_begun() const { return is_head_read_; }
    bool is_closed() const { return is_closed_; }
    bool has_all() const { return ends_ == 1 && std::ranges::count(created_, true) == static_cast<long>(resources); }
    const std::string &wrong() const { return wrong_; }

  private:
    void take_head(std::string_view head) {
        is_head_read_ = true;
        if (!head.starts_with("HTTP/1.1 200 ")) wrong_ = head;
    }
    void take(std::string_view event) {
        if (event.find("event: resource\n") != event.npos) {
            const std::size_t index = number_behind(event, R"("index":)");
            if (index >= resources || ends_ != 0) wrong_ = event;
            if (wrong_.empty()) created_[index] = event.find(R"("status":"Created")") != event.npos;
        } else if (event.find("event: end\n") != event.npos) {
            ++ends_;
            if (event.find(R"("state":"succeeded")") == event.npos) wrong_ = event;
        }
    }

    Connection connection_;
    std::string text_;
    bool is_head_read_ = false, is_closed_ = false;
    std::vector<bool> created_; // by index: whether that was the last that it was told
    std::size_t ends_ = 0;
    std::string wrong_;
};

// Reads for all of them until it is so for each. False: a minute passed in which none was told anything.
template <class Condition> bool read_until(std::vector<Listener> &all, Condition condition) {
    auto until = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    while (!std::ranges::all_of(all, condition)) {
        bool was_any = false;
        for (Listener &each : all) was_any = (!each.is_closed() && each.read()) || was_any;
        const auto now = std::chrono::steady_clock::now();
        if (was_any)
            until = now + std::chrono::minutes(1);
        else if (now > until)
            return false;
        else
            wait_a_moment();
    }
    return true;
}

} // namespace

TEST_CASE("events of a large operation reach many listeners, and those who never read cost the others nothing") {
    const TempFolder folder;
    const GatePipe gate(folder.path() / "gate");
    const DaemonProcess daemon("  prod: {driver: " TEST_BINARY_DIR "/tests/drivers/gate.so, timeout: 10min, settings: {gate: " +
                                   gate.path().string() + "}}\n",
                               "default_target: prod\nlimits: {response_time: 3s}\n");
    const std::string socket = (daemon.folder() / "socket").string();
    const HttpAnswer accepted = daemon.connect().send("POST", "/configurations", config_maps(resources),
                                                      {{"Content-Type", "application/json"}, {"Prefer", "respond-async"}});
    REQUIRE(accepted.status == 202);
    const std::string id = accepted.headers.at("resourcifier-operation");

    std::vector<Connection> silent;
    for (std::size_t i = 0; i < deaf; ++i) {
        silent.emplace_back(socket);
        silent.back().send("GET /operations/" + id + "/events HTTP/1.0\r\nHost: localhost\r\n\r\n");
    }
    std::vector<Listener> all;
    for (std::size_t i = 0; i < listeners; ++i) all.emplace_back(socket, id);
    REQUIRE(read_until(all, &Listener::has_begun));
    gate.let_pass(resources);
    CHECK(read_until(all, &Listener::is_closed));

    CHECK(std::ranges::count_if(all, &Listener::has_all) == static_cast<long>(listeners));
    for (const Listener &each : all) CHECK(each.wrong().empty());
    const std::size_t highest = highest_kib(daemon.pid());
    INFO(highest << " KiB at most");
    CHECK(highest < most_kib);
    std::cout << resources << " resources, " << listeners << " listeners and " << deaf
              << " who never read: the daemon had at most " << highest << " KiB, of " << most_kib << " that it may have\n";
    // What the system does not take for them keeps them stuck, until they are cut off.
    CHECK(comes_true([&] {
        return sample(daemon.connect().send("GET", "/metrics").body,
                      R"(resourcifier_http_refused_total{reason="response_time"})") == deaf;
    }));
}
