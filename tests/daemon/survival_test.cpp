// SPDX-License-Identifier: Apache-2.0
//
// What is left of operations when the daemon is killed, and what becomes of them.
#include "support/catch.hpp"
#include "support/daemon_process.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <csignal>
#include <filesystem>
#include <future>
#include <set>
#include <thread>

using namespace rsf::test;
namespace json = boost::json;

namespace {

// A store and an embedded cluster that outlive their daemons.
struct Place {
    TempFolder folder;
    std::string targets() const {
        return "  scratch: {driver: dryrun, settings: {state: " + (folder / "cluster").string() + "}}\n";
    }
    std::string settings(std::string_view more = "") const {
        return "store: sqlite:" + (folder / "operations.db").string() + "\n" + std::string(more);
    }
    // Names of the objects that there are.
    std::set<std::string> objects() const {
        std::set<std::string> names;
        std::error_code gone; // a file may go while they are listed
        for (std::filesystem::recursive_directory_iterator each(folder / "cluster", gone), end; each != end; each.increment(gone))
            if (each->path().extension() == ".json" && each->path().parent_path().filename() == "ConfigMap")
                names.insert(each->path().stem());
        return names;
    }
};

// Every third of them refers to the one before.
std::string maps(const std::string &prefix, int count) {
    std::string body = "resources:\n";
    for (int i = 0; i < count; ++i) {
        const std::string name = prefix + std::to_string(i);
        body += "- name: " + name +
                "\n  type: ConfigMap\n  properties: {apiVersion: v1, kind: ConfigMap, metadata: {name: " + name + "}, data: {";
        if (i % 3 == 2) body += "before: $(ref." + prefix + std::to_string(i - 1) + ".metadata.uid)";
        body += "}}\n";
    }
    return body;
}

json::value get(HttpClient &client, const std::string &path) {
    return json::parse(client.send("GET", path, {}, wants_json).body);
}

json::value ended(HttpClient &client, const std::string &id) {
    for (;;) {
        json::value operation = get(client, "/operations/" + id);
        if (operation.as_object().contains("ended")) return operation;
        std::this_thread::yield();
    }
}

std::size_t with_status(const json::value &operation, std::string_view status) {
    std::size_t count = 0;
    for (const json::value &each : operation.at("resources").as_array()) count += each.at("status").as_string() == status ? 1 : 0;
    return count;
}

constexpr int size = 300; // of an operation

} // namespace

TEST_CASE("an operation whose daemon is killed goes on when it is started again, and creates nothing twice") {
    const Place place;
    for (int round = 0; round < 4; ++round) {
        const std::string prefix = "r" + std::to_string(round) + "-";
        std::string id;
        {
            DaemonProcess daemon(place.targets(), place.settings());
            HttpClient client = daemon.connect();
            const HttpAnswer accepted = client.send("POST", "/configurations", maps(prefix, size),
                                                    {{"Prefer", "respond-async"}, {"Idempotency-Key", prefix}});
            REQUIRE(accepted.status == 202);
            id = accepted.headers.at("resourcifier-operation");
            while (place.objects().size() < static_cast<std::size_t>(round * size + round * 70)) std::this_thread::yield();
            daemon.signal(SIGKILL);
        }
        DaemonProcess daemon(place.targets(), place.settings());
        HttpClient client = daemon.connect();
        const json::value operation = ended(client, id);
        INFO(json::serialize(operation));
        CHECK(operation.at("state") == "succeeded");
        CHECK(with_status(operation, "Created") == size);
        CHECK(place.objects().size() == static_cast<std::size_t>((round + 1) * size));
        // The client that lost its answer asks again, and gets it.
        const HttpAnswer again = client.send("POST", "/configurations", maps(prefix, size),
                                             {{"Prefer", "respond-async"}, {"Idempotency-Key", prefix}});
        CHECK(again.status == 201);
        CHECK(again.headers.at("resourcifier-operation") == id);
    }
}

TEST_CASE("what a daemon that is stopped can't end in its grace goes on when it is started again, and its client is told so") {
    const Place place;
    std::string id;
    {
        DaemonProcess daemon(place.targets(), place.settings("shutdown_grace: 1ms\n"));
        auto answer = std::async(std::launch::async, [&] {
            return daemon.connect().send("POST", "/configurations", maps("a", 10 * size), wants_json);
        });
        while (place.objects().size() < 50) std::this_thread::yield();
        daemon.signal(SIGTERM);
        const HttpAnswer told = answer.get();
        CHECK(told.status == 503);
        CHECK(told.headers.contains("retry-after"));
        CHECK_THAT(told.body, ContainsSubstring("the daemon goes down before operation"));
        id = told.body.substr(told.body.find("/operations/") + 12, 26);
        CHECK(daemon.wait() == 0);
        CHECK_THAT(daemon.log(), ContainsSubstring("they go on when the daemon is started again"));
    }
    CHECK(place.objects().size() < 10 * size);
    DaemonProcess daemon(place.targets(), place.settings());
    HttpClient client = daemon.connect();
    const json::value operation = ended(client, id);
    CHECK(operation.at("state") == "succeeded");
    CHECK(with_status(operation, "Created") == 10 * size);
    CHECK(place.objects().size() == 10 * size);
}

TEST_CASE("a daemon that can't start leaves the operations of the one before alone") {
    const Place place;
    std::string id;
    {
        DaemonProcess daemon(place.targets(), place.settings());
        HttpClient client = daemon.connect();
        id = client.send("POST", "/configurations", maps("a", 10 * size), {{"Prefer", "respond-async"}})
                 .headers.at("resourcifier-operation");
        while (place.objects().empty()) std::this_thread::yield();
        daemon.signal(SIGKILL);
    }
    const std::string file = (place.folder / "settings.yaml").string();
    write_file(file, "listen: [\"unix:/nonexistent/api.sock\"]\ndriver_path: [" TEST_BINARY_DIR "/drivers]\n" + place.settings() +
                         "targets:\n" + place.targets());
    const auto failed = run_program({TEST_BINARY_DIR "/bin/resourcifierd", "--settings", file});
    CHECK(failed.exit_code == 1);
    CHECK_THAT(failed.err, ContainsSubstring("/nonexistent/api.sock"));
    DaemonProcess daemon(place.targets(), place.settings());
    HttpClient client = daemon.connect();
    CHECK(ended(client, id).at("state") == "succeeded");
}

TEST_CASE("with store_key the files of a killed daemon have nothing of a configuration, and the operation goes on") {
    for (const bool has_key : {false, true}) {
        const Place place;
        const std::string more = has_key ? "store_key: [MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=]\n" : "";
        std::string id;
        {
            DaemonProcess daemon(place.targets(), place.settings(more));
            HttpClient client = daemon.connect();
            id = client.send("POST", "/configurations", maps("a", 10 * size), {{"Prefer", "respond-async"}})
                     .headers.at("resourcifier-operation");
            while (place.objects().empty()) std::this_thread::yield();
            daemon.signal(SIGKILL);
        }
        std::string bytes;
        for (const char *part : {"operations.db", "operations.db-wal"}) bytes += read_file(place.folder / part);
        CHECK((bytes.find("$(ref.a1.") == bytes.npos) == has_key);
        DaemonProcess daemon(place.targets(), place.settings(more));
        HttpClient client = daemon.connect();
        CHECK(ended(client, id).at("state") == "succeeded");
    }
}

TEST_CASE("with after_restart: stop an operation ends with what was done, and nothing more is done") {
    const Place place;
    std::string id;
    {
        DaemonProcess daemon(place.targets(), place.settings());
        HttpClient client = daemon.connect();
        id = client.send("POST", "/configurations", maps("a", size), {{"Prefer", "respond-async"}})
                 .headers.at("resourcifier-operation");
        while (place.objects().empty()) std::this_thread::yield();
        daemon.signal(SIGKILL);
    }
    DaemonProcess daemon(place.targets(), place.settings("after_restart: stop\n"));
    HttpClient client = daemon.connect();
    const json::value operation = ended(client, id);
    const std::size_t made = place.objects().size();
    CHECK(with_status(operation, "Created") == made);
    CHECK(with_status(operation, "Aborted") == size - made);
    CHECK(operation.at("state") == (made == size ? "succeeded" : "failed"));
    daemon.wait_for_log("had not ended when the daemon last did");
}

TEST_CASE("the file of the store can be checked and copied while the daemon runs, and belongs to one daemon") {
    const Place place;
    DaemonProcess daemon(place.targets(), place.settings());
    HttpClient client = daemon.connect();
    REQUIRE(client.send("POST", "/configurations", maps("a", 3)).status == 201);
    const std::string settings = (daemon.folder() / "settings.yaml").string();
    const auto run = [&](const std::vector<std::string> &words) {
        std::vector<std::string> arguments{TEST_BINARY_DIR "/bin/resourcifierd", "--settings", settings, "store"};
        arguments.insert(arguments.end(), words.begin(), words.end());
        return run_program(arguments);
    };
    CHECK(run({"check"}).out == "1 operation, version 1 of the tables\n");
    const std::string copy = (place.folder / "copy.db").string();
    CHECK(run({"backup", copy}).exit_code == 0);
    CHECK(run({"backup", copy}).exit_code == 1);
    CHECK_THAT(run({"migrate"}).err, ContainsSubstring("is used by another resourcifierd"));
    CHECK_THROWS_WITH(DaemonProcess("  other: {driver: dryrun}\n", place.settings()),
                      ContainsSubstring("is used by another resourcifierd"));
}
