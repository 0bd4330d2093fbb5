// SPDX-License-Identifier: Apache-2.0
//
// A disk that is full or fails, and a process that is killed.
#include "state_files.hpp"
#include "support/catch.hpp"

#include <dryrun/storage/folder_storage.hpp>

#include <fcntl.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <fstream>

using namespace rsf;
using namespace rsf::dryrun;
using namespace rsf::dryrun::simulator;
using namespace rsf::dryrun::storage;
namespace fs = std::filesystem;

namespace {

std::atomic<int> syncs_until_failure{0}; // 0: never

int failing_sync(int fd) {
    if (syncs_until_failure > 0 && --syncs_until_failure == 0) {
        errno = EIO;
        return -1;
    }
    return ::fsync(fd);
}

Result create_in(Cluster &cluster, std::string_view name) { return cluster.create({{}, {}, {}, config_map(name)}); }

} // namespace

TEST_CASE("memory has the same objects as the disk when the disk fails") {
    const TempFolder folder;
    Cluster cluster(std::make_unique<FolderStorage>(folder.path(), failing_sync), "default");
    create_in(cluster, "first"); // and with it the folder
    const fs::path file = folder / "default/ConfigMap/site.json";

    SECTION("the object's file can't be synced: nothing happened") {
        syncs_until_failure = 1;
        try {
            create_in(cluster, "site");
            FAIL("it succeeded");
        } catch (const Error &error) {
            CHECK(error.code == Code::internal);
            CHECK_THAT(std::string(error.what()),
                       ContainsSubstring("could not be written: Input/output error. Nothing was changed."));
        }
        CHECK_FALSE(fs::exists(file));
        CHECK_THROWS_AS(cluster.get("cm", "site", ""), Error);
        CHECK(files_in(folder.path()).size() == 6); // no leftovers
    }
    SECTION("the folder can't be synced: it happened, and the error says that it may not last") {
        syncs_until_failure = 2;
        try {
            create_in(cluster, "site");
            FAIL("it succeeded");
        } catch (const Error &error) {
            CHECK_THAT(std::string(error.what()), ContainsSubstring("was written, but may not survive a loss of power"));
        }
        CHECK(fs::exists(file));
        CHECK(cluster.get("cm", "site", "").text == read_file(file));
    }
    SECTION("a deletion can't be synced: it happened") {
        create_in(cluster, "site");
        syncs_until_failure = 1;
        CHECK_THROWS_AS(cluster.remove({{}, {}, {}, config_map("site")}), Error);
        CHECK_FALSE(fs::exists(file));
        CHECK_THROWS_AS(cluster.get("cm", "site", ""), Error);
    }
    syncs_until_failure = 0;
    create_in(cluster, "next");
}

TEST_CASE("a full disk fails only the write that does not fit") {
    const TempFolder folder;
    if (::mount("tmpfs", folder.path().c_str(), "tmpfs", 0, "size=128k") != 0) {
        WARN("not run: a small file system can't be mounted here: " << std::strerror(errno));
        return;
    }
    {
        TestCluster cluster(in(folder));
        json::object large = config_map("large");
        large["data"] = json::object{{"a", std::string(100, 'x')}};
        REQUIRE(cluster.create(large).succeeded);
        const json::value before = cluster.get("cm", "large").object;
        large["data"] = json::object{{"a", std::string(200000, 'x')}};
        for (const FakeAnswer &answer : {cluster.replace(large), [&] {
                                             json::object other = large;
                                             other["metadata"].as_object()["name"] = "other";
                                             return cluster.create(other);
                                         }()}) {
            CHECK(answer.code == Code::unavailable);
            CHECK(answer.retry == Retry::later);
            CHECK_THAT(answer.message,
                       ContainsSubstring("No space left on device. Nothing was changed; make room and try again."));
        }
        CHECK(cluster.get("cm", "large").object == before);
        CHECK(cluster.get("cm", "other").code == Code::not_found);
        CHECK(cluster.create(config_map("small")).message == "");
        CHECK(cluster.remove(config_map("large")).succeeded);
    }
    CHECK(refusal(folder).empty());
    CHECK(::umount(folder.path().c_str()) == 0);
}

TEST_CASE("objects can be deleted on a disk that was full before the cluster was opened") {
    const TempFolder folder;
    if (::mount("tmpfs", folder.path().c_str(), "tmpfs", 0, "size=128k") != 0) {
        WARN("not run: a small file system can't be mounted here: " << std::strerror(errno));
        return;
    }
    std::string uid;
    {
        TestCluster cluster(in(folder));
        uid = at(cluster.create(config_map("first")).object, "metadata.uid");
        REQUIRE(cluster.create(config_map("second")).succeeded);
    }
    {
        std::ofstream filler(folder / "lost+found");
        while (filler << std::string(4096, 'x') << std::flush) {
        }
        filler.close();
        TestCluster cluster(in(folder));
        REQUIRE(cluster.create(config_map("third")).code == Code::unavailable);
        CHECK(cluster.remove(config_map("first")).message == "");
        CHECK(cluster.remove(config_map("second")).message == "");
        fs::remove(folder / "lost+found");
    }
    TestCluster cluster(in(folder));
    CHECK(cluster.get("cm", "first").code == Code::not_found);
    CHECK(at(cluster.create(config_map("first")).object, "metadata.uid") != uid);
    CHECK(::umount2(folder.path().c_str(), MNT_DETACH) == 0);
}

namespace {

// Writes until it is killed. Each object has the number of its write at its beginning and its end.
[[noreturn]] void write_for_ever(const std::string &path, int ready) {
    try {
        Cluster cluster(std::make_unique<FolderStorage>(path, nullptr), "default");
        const char byte = 1;
        if (::write(ready, &byte, 1) != 1) ::_exit(1);
        for (int round = 0;; ++round)
            for (const char *name : {"a", "b", "c"}) {
                json::object object = config_map(name);
                object["data"] = json::object{
                    {"head", std::to_string(round)}, {"body", std::string(20000, 'x')}, {"tail", std::to_string(round)}};
                try {
                    cluster.replace({{}, {}, {}, object});
                } catch (const Error &) {
                    cluster.create({{}, {}, {}, object});
                }
                if (round % 3 == 2) cluster.remove({{}, {}, {}, config_map(name)});
            }
    } catch (...) {
        ::_exit(1);
    }
}

} // namespace

TEST_CASE("a process that is killed while it writes leaves whole objects, every time") {
    const TempFolder folder;
    int last_revision = 0;
    for (int i = 0; i < 60; ++i) {
        int ready[2];
        REQUIRE(::pipe2(ready, O_CLOEXEC) == 0);
        const pid_t child = ::fork();
        REQUIRE(child >= 0);
        if (child == 0) write_for_ever(folder.path(), ready[1]);
        ::close(ready[1]);
        char byte = 0;
        REQUIRE(::read(ready[0], &byte, 1) == 1); // it writes now
        ::close(ready[0]);
        const auto until = std::chrono::steady_clock::now() + std::chrono::microseconds(i * 337); // each time at another moment
        while (std::chrono::steady_clock::now() < until) {
        }
        REQUIRE(::kill(child, SIGKILL) == 0);
        int status = 0;
        REQUIRE(::waitpid(child, &status, 0) == child);
        REQUIRE((WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL));

        TestCluster cluster(in(folder));
        const json::value list = cluster.list("cm").object;
        for (const json::value &item : list.at("items").as_array()) {
            REQUIRE(at(item, "data.head") == at(item, "data.tail"));
            REQUIRE(at(item, "data.body").size() == 20000);
            REQUIRE(std::stoi(at(item, "metadata.resourceVersion")) <= std::stoi(at(list, "metadata.resourceVersion")));
        }
        REQUIRE(std::stoi(at(list, "metadata.resourceVersion")) >= last_revision); // no revision comes twice
        last_revision = std::stoi(at(list, "metadata.resourceVersion"));
    }
}
