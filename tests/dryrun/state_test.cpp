// SPDX-License-Identifier: Apache-2.0
//
// The state folder: what survives, and what is refused.
#include "support/catch.hpp"
#include "test_cluster.hpp"

#include <dryrun/file_name.hpp>

#include <fcntl.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <atomic>
#include <fstream>
#include <set>

using namespace rsf;
using namespace rsf::dryrun;
namespace fs = std::filesystem;

namespace {

json::object in(const TemporaryFolder &folder) { return {{"state", folder.path()}}; }

void write_file(const fs::path &path, std::string_view text) {
    fs::create_directories(path.parent_path());
    std::ofstream(path) << text;
}

std::string read_file(const fs::path &path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
}

// Why a cluster on the folder is refused; empty: it is not.
std::string refusal(const TemporaryFolder &folder) {
    try {
        TestCluster cluster(in(folder));
        return {};
    } catch (const Error &error) {
        return error.what();
    }
}

std::set<std::string> files_in(const std::string &path) {
    std::set<std::string> files;
    for (const auto &entry : fs::recursive_directory_iterator(path))
        if (entry.is_regular_file()) files.insert(entry.path().lexically_relative(path));
    return files;
}

} // namespace

TEST_CASE("objects survive a restart, to the letter") {
    const TemporaryFolder folder;
    std::string before;
    const char *const types[] = {"ns", "cm", "svc", "crd", "deploy"};
    {
        TestCluster cluster(in(folder));
        REQUIRE(cluster.create(name_space("shop")).succeeded);
        json::object object = config_map("site", "shop");
        object["data"] = json::object{{"text", "a\nb\t\"c\" \u2603"}};
        REQUIRE(cluster.create(object).succeeded);
        REQUIRE(cluster.create(service("web", {{"type", "NodePort"}})).succeeded);
        REQUIRE(cluster.create(widget_definition()).succeeded);
        REQUIRE(cluster.create(widget("gear")).succeeded);
        REQUIRE(cluster.create(deployment("web")).succeeded);
        REQUIRE(cluster.create(config_map("gone")).succeeded);
        REQUIRE(cluster.remove(config_map("gone")).succeeded);
        for (const char *type : types) before += json::serialize(cluster.list(type).object) + "\n";
        before += json::serialize(cluster.list("widgets").object);
    }
    TestCluster cluster(in(folder));
    std::string after;
    for (const char *type : types) after += json::serialize(cluster.list(type).object) + "\n";
    after += json::serialize(cluster.list("widgets").object);
    CHECK(after == before);

    CHECK(cluster.create(service("web")).code == Code::already_exists);
    const std::string address = at(cluster.get("svc", "web").object, "spec.clusterIP");
    CHECK_THAT(cluster.create(service("thief", {{"clusterIP", address}})).message, ContainsSubstring("already allocated"));
    CHECK(cluster.names("widgets", "", "metadata.name=gear") == "gear");
}

TEST_CASE("an object in a former group of its kind is found again after a restart, in the present one") {
    const TemporaryFolder folder;
    {
        TestCluster cluster(in(folder));
        const FakeAnswer made = cluster.create(
            parsed(R"({"apiVersion": "extensions/v1beta1", "kind": "Ingress", "metadata": {"name": "x"}, "spec": {}})"));
        REQUIRE(made.message == "");
        CHECK(at(made.object, "apiVersion") == "networking.k8s.io/v1beta1");
    }
    TestCluster cluster(in(folder));
    CHECK(cluster.get("ing", "x").succeeded);
    CHECK(
        cluster
            .create(parsed(R"({"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": {"name": "x"}, "spec": {}})"))
            .code == Code::already_exists);
}

TEST_CASE("revisions and uids go on after a restart") {
    const TemporaryFolder folder;
    std::string revision, uid;
    {
        TestCluster cluster(in(folder));
        const json::value made = cluster.create(config_map("site")).object;
        uid = at(made, "metadata.uid");
        revision = at(made, "metadata.resourceVersion");
        cluster.remove(config_map("site"));
    }
    TestCluster cluster(in(folder));
    const json::value again = cluster.create(config_map("site")).object;
    CHECK(at(again, "metadata.uid") != uid);
    CHECK(std::stoi(at(again, "metadata.resourceVersion")) == std::stoi(revision) + 2); // the deletion took one
}

TEST_CASE("a file is an object, where its name says") {
    const TemporaryFolder folder;
    {
        TestCluster cluster(in(folder));
        cluster.create(config_map("site"));
        cluster.create(deployment("web"));
        cluster.create(parsed(
            R"({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": "system:a b"}})"));
        CHECK(json::parse(read_file(folder.path() + "/default/ConfigMap/site.json")) == cluster.get("cm", "site").object);
        CHECK(cluster.get("clusterrole", "system:a b").succeeded);
    }
    const std::set<std::string> files = files_in(folder.path());
    for (const char *file : {"default/ConfigMap/site.json", "default/Deployment.apps/web.json", "_cluster/Namespace/default.json",
                             "_cluster/ClusterRole.rbac.authorization.k8s.io/system%3Aa%20b.json", "sequence.json"}) {
        INFO(file);
        CHECK(files.contains(file));
    }
    CHECK(files.size() == 8);
    struct stat status {};
    REQUIRE(::stat((folder.path() + "/default/ConfigMap/site.json").c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0600); // Secrets are in such files
    CHECK(refusal(folder).empty());
}

TEST_CASE("a deleted namespace leaves no folder behind") {
    const TemporaryFolder folder;
    TestCluster cluster(in(folder));
    cluster.create(name_space("shop"));
    cluster.create(config_map("site", "shop"));
    cluster.create(parsed(R"({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "x", "namespace": "shop"}})"));
    cluster.remove(parsed(R"({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "x", "namespace": "shop"}})"));
    REQUIRE(fs::exists(folder.path() + "/shop"));
    REQUIRE(cluster.remove(name_space("shop")).succeeded);
    CHECK_FALSE(fs::exists(folder.path() + "/shop"));
    REQUIRE(cluster.create(name_space("shop")).succeeded);
    CHECK(cluster.create(config_map("site", "shop")).message == "");
}

TEST_CASE("names become file names that a file system takes, each its own") {
    struct Row {
        std::string text, name;
    };
    const Row rows[] = {
        {"web", "web"},       {"a.b-c_d", "a.b-c_d"},           {".hidden", "%2Ehidden"},      {"..", "%2E."}, {"a/b", "a%2Fb"},
        {"a%2Fb", "a%252Fb"}, {"system:node", "system%3Anode"}, {"\xe2\x98\x83", "%E2%98%83"}, {"~", "%7E"},
    };
    for (const Row &row : rows) CHECK(file_name(row.text) == row.name);
    const std::string one = file_name(std::string(253, 'a')), other = file_name(std::string(252, 'a') + "b");
    CHECK(one.size() + 5 <= 255);
    CHECK(one != other);

    const TemporaryFolder folder;
    {
        TestCluster cluster(in(folder));
        CHECK(cluster.create(config_map(std::string(253, 'a'))).message == "");
        CHECK(cluster.create(config_map(std::string(252, 'a') + "b")).message == "");
    }
    TestCluster cluster(in(folder));
    CHECK(cluster.get("cm", std::string(253, 'a')).succeeded);
}

TEST_CASE("a file that is damaged or foreign is an error that names it") {
    const std::string site = R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"site","namespace":"default"}})";
    struct Row {
        const char *name, *file;
        std::string text;
        const char *message; // after the file's name
    };
    const Row rows[] = {
        {"half an object", "default/ConfigMap/site.json", site.substr(0, 40), "is damaged or foreign: incomplete JSON"},
        {"an empty file", "default/ConfigMap/site.json", "", "is damaged or foreign: incomplete JSON"},
        {"a list", "default/ConfigMap/site.json", "[]", "is damaged or foreign: it holds no JSON object"},
        {"no metadata", "default/ConfigMap/site.json", "{}", "is damaged or foreign: its object has no metadata"},
        {"another name", "default/ConfigMap/other.json", site,
         "is damaged or foreign: its object belongs in default/ConfigMap/site.json"},
        {"another kind", "default/Secret/site.json", site,
         "is damaged or foreign: its object belongs in default/ConfigMap/site.json"},
        {"another namespace", "kube-system/ConfigMap/site.json", site, "its object belongs in default/ConfigMap/site.json"},
        {"a file at the top", "notes.txt", "hello", "does not belong in the state folder"},
        {"a file among kinds", "default/notes.txt", "hello", "does not belong in the state folder"},
        {"a folder among objects", "default/ConfigMap/deep/x.json", site, "does not belong in the state folder"},
        {"a damaged sequence", "sequence.json", "{", "is damaged or foreign. Restore it from a backup, or remove it to count on"},
    };
    for (const Row &row : rows) {
        INFO(row.name);
        const TemporaryFolder folder;
        { TestCluster cluster(in(folder)); }
        write_file(fs::path(folder.path()) / row.file, row.text);
        const std::string message = refusal(folder);
        CHECK_THAT(message, ContainsSubstring(folder.path()));
        CHECK_THAT(message, ContainsSubstring(row.message));
        CHECK(read_file(fs::path(folder.path()) / row.file) == row.text); // and it is left as it was
    }
}

TEST_CASE("a file that does not fit the rest is an error that names it") {
    struct Row {
        const char *name, *file, *text, *message;
    };
    const Row rows[] = {
        {"no such namespace", "shop/ConfigMap/site.json",
         R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"site","namespace":"shop"}})",
         "there is no namespace \"shop\""},
        {"no such kind", "default/Widget.example.com/gear.json",
         R"({"apiVersion":"example.com/v1","kind":"Widget","metadata":{"name":"gear","namespace":"default"}})",
         "there is no kind \"Widget\" in group \"example.com\" any more"},
        {"no namespace", "_cluster/ConfigMap/site.json", R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"site"}})",
         "its object has no namespace"},
    };
    for (const Row &row : rows) {
        INFO(row.name);
        const TemporaryFolder folder;
        { TestCluster cluster(in(folder)); }
        write_file(fs::path(folder.path()) / row.file, row.text);
        CHECK_THAT(refusal(folder), ContainsSubstring(row.file));
        CHECK_THAT(refusal(folder), ContainsSubstring(row.message));
    }
}

TEST_CASE("a folder that is somebody else's is left as it was") {
    const TemporaryFolder folder;
    write_file(folder.path() + "/letters/2024/dear.txt", "hello");
    write_file(folder.path() + "/.new-project", "hello");
    CHECK_THAT(refusal(folder), ContainsSubstring("dear.txt is damaged or foreign"));
    CHECK(files_in(folder.path()) == std::set<std::string>{".new-project", "letters/2024/dear.txt"});
}

TEST_CASE("what a killed process left unfinished is cleaned away") {
    const TemporaryFolder folder;
    { TestCluster cluster(in(folder)); }
    write_file(folder.path() + "/default/ConfigMap/.new-17", "{\"half\":");
    write_file(folder.path() + "/.new-18", "");
    CHECK(refusal(folder).empty());
    CHECK_FALSE(fs::exists(folder.path() + "/default/ConfigMap/.new-17"));
    CHECK_FALSE(fs::exists(folder.path() + "/.new-18"));
}

TEST_CASE("a state folder of a later format is refused") {
    const TemporaryFolder folder;
    { TestCluster cluster(in(folder)); }
    write_file(folder.path() + "/sequence.json", R"({"format":2,"revision":5,"lastDeletion":0})");
    CHECK_THAT(refusal(folder), ContainsSubstring("has format 2, and this driver knows format 1 only"));
}

TEST_CASE("without its sequence file a cluster counts on from its newest object") {
    const TemporaryFolder folder;
    std::string newest;
    {
        TestCluster cluster(in(folder));
        newest = at(cluster.create(config_map("site")).object, "metadata.resourceVersion");
    }
    fs::remove(folder.path() + "/sequence.json");
    TestCluster cluster(in(folder));
    CHECK(std::stoi(at(cluster.create(config_map("next")).object, "metadata.resourceVersion")) > std::stoi(newest));
}

TEST_CASE("two clusters can't share a folder") {
    const TemporaryFolder folder;
    {
        TestCluster cluster(in(folder));
        CHECK_THAT(refusal(folder),
                   ContainsSubstring("The state folder " + folder.path() + " is in use by another target or another daemon"));
    }
    CHECK(refusal(folder).empty());
}

TEST_CASE("the state folder is made, for its owner alone") {
    const TemporaryFolder folder;
    const std::string path = folder.path() + "/deep/er";
    TestCluster cluster({{"state", path}});
    struct stat status {};
    REQUIRE(::stat(path.c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0700);
}

TEST_CASE("a state folder that can't be is refused") {
    const TemporaryFolder folder;
    write_file(folder.path() + "/file", "");
    for (const std::string &path : {folder.path() + "/file", folder.path() + "/file/below", std::string("relative/path")}) {
        INFO(path);
        try {
            TestCluster cluster({{"state", path}});
            FAIL("it was taken");
        } catch (const Error &error) {
            CHECK(error.code == Code::invalid);
            CHECK_THAT(std::string(error.what()), ContainsSubstring(path));
        }
    }
}

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

TEST_CASE("memory stays as the disk is when the disk fails") {
    const TemporaryFolder folder;
    Cluster cluster(std::make_unique<StateFolder>(folder.path(), failing_sync), "default");
    create_in(cluster, "first"); // and with it the folder
    const fs::path file = folder.path() + "/default/ConfigMap/site.json";

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
    SECTION("the folder can't be synced: it happened, and nobody is told that it will last") {
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

TEST_CASE("a full disk costs the write that does not fit, and nothing else") {
    const TemporaryFolder folder;
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
    const TemporaryFolder folder;
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
        std::ofstream filler(folder.path() + "/lost+found");
        while (filler << std::string(4096, 'x') << std::flush) {
        }
        filler.close();
        TestCluster cluster(in(folder));
        REQUIRE(cluster.create(config_map("third")).code == Code::unavailable);
        CHECK(cluster.remove(config_map("first")).message == "");
        CHECK(cluster.remove(config_map("second")).message == "");
        fs::remove(folder.path() + "/lost+found");
    }
    TestCluster cluster(in(folder));
    CHECK(cluster.get("cm", "first").code == Code::not_found);
    CHECK(at(cluster.create(config_map("first")).object, "metadata.uid") != uid);
    CHECK(::umount2(folder.path().c_str(), MNT_DETACH) == 0);
}

TEST_CASE("what is no regular file in a state folder is refused by name, and not waited for") {
    const char *const path = GENERATE("sequence.json", "default/ConfigMap/pipe.json", "pipe", "default/pipe");
    const TemporaryFolder folder;
    { TestCluster(in(folder)).create(config_map("site")); }
    const std::string place = folder.path() + "/" + path;
    fs::remove(place);
    REQUIRE(::mkfifo(place.c_str(), 0600) == 0);
    CHECK_THAT(refusal(folder), ContainsSubstring(place));
}

namespace {

// Writes for as long as it lives. Each object says in each of its parts which write it is from.
[[noreturn]] void write_for_ever(const std::string &path, int ready) {
    try {
        Cluster cluster(std::make_unique<StateFolder>(path, nullptr), "default");
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
    const TemporaryFolder folder;
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
