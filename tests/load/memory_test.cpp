// SPDX-License-Identifier: Apache-2.0
//
// Clients that ask for much and read slowly: what does not fit is refused, no process ends for want of memory, what others write
// meanwhile is stored, and the memory is given back.
#include "load/crowd.hpp"
#include "support/catch.hpp"
#include "support/daemon_process.hpp"

#include <boost/json/parse.hpp>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <mutex>
#include <sstream>
#include <thread>

using namespace rsf::test;

namespace {

namespace json = boost::json;

constexpr std::size_t object_size = 4'000'000;
constexpr int objects = 20;
constexpr std::size_t clients = 16;
constexpr std::size_t most_kib = std::size_t{2} << 20; // of the daemon and its drivers' processes, as MemoryMax=2G has it

std::string config_map(const std::string &name, std::string_view value) {
    return R"({"resources": [{"name": ")" + name + R"(", "type": "ConfigMap", "properties": {"apiVersion": "v1", "kind": )" +
           R"("ConfigMap", "metadata": {"name": ")" + name + R"("}, "data": {"x": ")" + std::string(value) + R"("}}}]})";
}

const HttpHeaders of_json{{"Content-Type", "application/json"}, {"Accept", "application/json"}};

// Of /proc/PID/FILE: the number after this word.
std::size_t number_in(int pid, const char *file, std::string_view word) {
    std::ifstream lines("/proc/" + std::to_string(pid) + "/" + file);
    for (std::string line; std::getline(lines, line);)
        if (line.starts_with(word)) return std::stoul(line.substr(word.size()));
    throw std::runtime_error("there is no " + std::string(word) + " in " + file + " of process " + std::to_string(pid));
}

// The processes that this one started and that still run.
std::vector<int> children_of(int pid) {
    std::vector<int> children;
    for (const auto &thread : std::filesystem::directory_iterator("/proc/" + std::to_string(pid) + "/task")) {
        std::ifstream numbers(thread.path() / "children");
        children.insert(children.end(), std::istream_iterator<int>(numbers), std::istream_iterator<int>());
    }
    std::ranges::sort(children);
    return children;
}

// Of the daemon, and of its drivers' processes.
struct Memory {
    static Memory now(int daemon) { return of(daemon, "smaps_rollup", "Rss:"); }
    static Memory highest(int daemon) { return of(daemon, "status", "VmHWM:"); }
    static Memory of(int daemon, const char *file, std::string_view word) {
        Memory memory{number_in(daemon, file, word), 0};
        for (const int driver : children_of(daemon)) memory.drivers += number_in(driver, file, word);
        return memory;
    }
    std::size_t daemon = 0, drivers = 0; // KiB
};

// What both take at rest.
Memory memory_at_rest(int daemon) {
    Memory least = Memory::now(daemon);
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(4); // each thread rests after a second
    for (; std::chrono::steady_clock::now() < until; wait_a_moment()) {
        const Memory now = Memory::now(daemon);
        least = {std::min(least.daemon, now.daemon), std::min(least.drivers, now.drivers)};
    }
    return least;
}

// Writes objects of its own, one after another, until it is enough.
class Writer {
  public:
    explicit Writer(const DaemonProcess &daemon)
        : thread_([this, &daemon](const std::stop_token &stop) {
              HttpClient client = daemon.connect();
              while (!stop.stop_requested()) {
                  const std::string value = "value-" + std::to_string(written_);
                  const HttpAnswer answer = client.send(
                      "PUT", "/configurations", config_map("written-" + std::to_string(written_ % names), value), of_json);
                  if (answer.status != 200 || answer.body.find("\"Replaced\"") == std::string::npos) {
                      wrong_ += "PUT was answered " + std::to_string(answer.status) + ": " + answer.body + "\n";
                      return;
                  }
                  ++written_;
              }
          }) {}

    static void prepare(const DaemonProcess &daemon) {
        HttpClient client = daemon.connect();
        for (int i = 0; i < names; ++i)
            REQUIRE(client.send("POST", "/configurations", config_map("written-" + std::to_string(i), "none"), of_json).status ==
                    201);
    }

    // Every write that was answered is there.
    void check(const DaemonProcess &daemon) {
        thread_.request_stop();
        thread_.join();
        CHECK(wrong_.empty());
        CHECK(written_ > 0);
        HttpClient client = daemon.connect();
        for (int i = std::max(0, written_ - names); i < written_; ++i) {
            const HttpAnswer answer =
                client.send("GET", "/configurations/ConfigMap/written-" + std::to_string(i % names), {}, wants_json);
            REQUIRE(answer.status == 200);
            CHECK(std::string_view(json::parse(answer.body).at("data").at("x").as_string()) == "value-" + std::to_string(i));
        }
    }

  private:
    static constexpr int names = 50;

    int written_ = 0;   // of the thread until it is joined
    std::string wrong_; // of the thread until it is joined
    std::jthread thread_;
};

struct Told {
    std::size_t answered = 0, refused = 0;
    std::string wrong; // neither

    void note(std::string_view head) {
        const bool says_when = head.find("Retry-After: ") != head.npos;
        if (head.starts_with("HTTP/1.1 200 "))
            ++answered;
        else if (head.starts_with("HTTP/1.1 503 ") && says_when)
            ++refused;
        else
            wrong += std::string(head.substr(0, 300)) + "\n";
    }
};

// Lists of everything, whose readers take what the system holds for them and no more, until all were told something.
Told read_slowly(const DaemonProcess &daemon, const char *accept) {
    std::vector<Connection> connections;
    const std::string request =
        std::string("GET /configurations/ConfigMap HTTP/1.1\r\nHost: x\r\nAccept: ") + accept + "\r\n\r\n";
    for (std::size_t i = 0; i < clients; ++i) connections.emplace_back((daemon.folder() / "socket").string());
    for (const Connection &connection : connections) connection.send(request);
    Told told;
    for (const Connection &connection : connections) told.note(connection.receive());
    return told;
}

Told plan_at_once(const DaemonProcess &daemon) {
    const std::string body = config_map("large-0", std::string(object_size, 'y'));
    std::vector<std::thread> threads;
    std::mutex mutex;
    Told told;
    for (std::size_t i = 0; i < clients; ++i)
        threads.emplace_back([&] {
            const HttpAnswer answer = daemon.connect().send("PUT", "/configurations?dryRun=true", body,
                                                            {{"Content-Type", "application/json"}, {"Accept", "text/html"}});
            const auto retry = answer.headers.find("retry-after");
            const std::lock_guard lock(mutex);
            told.note("HTTP/1.1 " + std::to_string(answer.status) + " \r\n" +
                      (retry == answer.headers.end() ? "" : "Retry-After: " + retry->second));
        });
    for (std::thread &thread : threads) thread.join();
    return told;
}

std::size_t metric(const DaemonProcess &daemon, std::string_view series) {
    std::istringstream lines(daemon.connect().send("GET", "/metrics").body);
    for (std::string line; std::getline(lines, line);)
        if (line.starts_with(series)) return static_cast<std::size_t>(std::stod(line.substr(series.size())));
    throw std::runtime_error("there is no metric " + std::string(series));
}

} // namespace

TEST_CASE("clients that ask for much at once and read slowly are refused what does not fit, and the memory comes back") {
    DaemonProcess daemon("  prod: {driver: dryrun, process: {memory: 1GiB}}\n", "default_target: prod\n");
    for (int i = 0; i < objects; ++i)
        REQUIRE(
            daemon.connect()
                .send("POST", "/configurations", config_map("large-" + std::to_string(i), std::string(object_size, 'x')), of_json)
                .status == 201);
    Writer::prepare(daemon);
    const Memory before = memory_at_rest(daemon.pid());
    const std::vector<int> processes = children_of(daemon.pid());

    Writer writer(daemon);
    struct Row {
        const char *name;
        std::function<Told()> attack;
    };
    for (const Row &row : {Row{"lists in JSON", [&] { return read_slowly(daemon, "application/json"); }},
                           Row{"lists in YAML", [&] { return read_slowly(daemon, "application/yaml"); }},
                           Row{"plans as pages", [&] { return plan_at_once(daemon); }}}) {
        INFO(row.name);
        const Told told = row.attack();
        CHECK(told.wrong.empty());
        CHECK(told.answered > 0);
        CHECK(told.refused > 0);
        CHECK(told.answered + told.refused == clients);
    }
    const Memory highest = Memory::highest(daemon.pid());
    writer.check(daemon);
    CHECK(metric(daemon, "resourcifier_driver_restarts_total{target=\"prod\"} ") == 0);
    CHECK(metric(daemon, "resourcifier_http_refused_total{reason=\"bodies\"} ") > 0);
    CHECK(children_of(daemon.pid()) == processes);

    INFO("daemon: " << before.daemon << " KiB before, at most " << highest.daemon << "; drivers: " << before.drivers
                    << " KiB before, at most " << highest.drivers);
    CHECK(highest.daemon + highest.drivers < most_kib);
    Memory after;
    const bool came_back = comes_true([&] {
        after = Memory::now(daemon.pid());
        return after.daemon <= before.daemon * 3 / 2 && after.drivers <= before.drivers * 3 / 2;
    });
    INFO("afterwards " << after.daemon << " and " << after.drivers);
    CHECK(came_back);
}
