// SPDX-License-Identifier: Apache-2.0
//
// The files of the state folder: their names, and which are refused.
#include "state_files.hpp"
#include "support/catch.hpp"

#include <dryrun/storage/file_name.hpp>

#include <sys/stat.h>

#include <set>
#include <string>

using namespace rsf;
using namespace rsf::dryrun;
using namespace rsf::dryrun::simulator;
using namespace rsf::dryrun::storage;
namespace fs = std::filesystem;

TEST_CASE("each object has one file, at the path of its namespace, kind and name") {
    const TempFolder folder;
    {
        TestCluster cluster(in(folder));
        cluster.create(config_map("site"));
        cluster.create(deployment("web"));
        cluster.create(parsed(
            R"({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": "system:a b"}})"));
        CHECK(json::parse(folder.read("default/ConfigMap/site.json")) == cluster.get("cm", "site").object);
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
    REQUIRE(::stat((folder / "default/ConfigMap/site.json").c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0600); // Secrets are in such files
    CHECK(refusal(folder).empty());
}

TEST_CASE("a deleted namespace leaves no folder behind") {
    const TempFolder folder;
    TestCluster cluster(in(folder));
    cluster.create(name_space("shop"));
    cluster.create(config_map("site", "shop"));
    cluster.create(parsed(R"({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "x", "namespace": "shop"}})"));
    cluster.remove(parsed(R"({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "x", "namespace": "shop"}})"));
    REQUIRE(fs::exists(folder / "shop"));
    REQUIRE(cluster.remove(name_space("shop")).succeeded);
    CHECK_FALSE(fs::exists(folder / "shop"));
    REQUIRE(cluster.create(name_space("shop")).succeeded);
    CHECK(cluster.create(config_map("site", "shop")).message == "");
}

TEST_CASE("each name becomes a unique file name that a file system accepts") {
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

    const TempFolder folder;
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
        const TempFolder folder;
        { TestCluster cluster(in(folder)); }
        folder.write(row.file, row.text);
        const std::string message = refusal(folder);
        CHECK_THAT(message, ContainsSubstring(folder.path().string()));
        CHECK_THAT(message, ContainsSubstring(row.message));
        CHECK(folder.read(row.file) == row.text); // and it is left as it was
    }
}

TEST_CASE("an object without its namespace or kind is an error that names the file") {
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
        const TempFolder folder;
        { TestCluster cluster(in(folder)); }
        folder.write(row.file, row.text);
        CHECK_THAT(refusal(folder), ContainsSubstring(row.file));
        CHECK_THAT(refusal(folder), ContainsSubstring(row.message));
    }
}

TEST_CASE("a foreign folder is refused and left as it was") {
    const TempFolder folder;
    folder.write("letters/2024/dear.txt", "hello");
    folder.write(".new-project", "hello");
    CHECK_THAT(refusal(folder), ContainsSubstring("dear.txt is damaged or foreign"));
    CHECK(files_in(folder.path()) == std::set<std::string>{".new-project", "letters/2024/dear.txt"});
}

TEST_CASE("unfinished files of a killed process are removed") {
    const TempFolder folder;
    { TestCluster cluster(in(folder)); }
    folder.write("default/ConfigMap/.new-17", "{\"half\":");
    folder.write(".new-18", "");
    CHECK(refusal(folder).empty());
    CHECK_FALSE(fs::exists(folder / "default/ConfigMap/.new-17"));
    CHECK_FALSE(fs::exists(folder / ".new-18"));
}

TEST_CASE("a state folder of a later format is refused") {
    const TempFolder folder;
    { TestCluster cluster(in(folder)); }
    folder.write("sequence.json", R"({"format":2,"revision":5,"lastDeletion":0})");
    CHECK_THAT(refusal(folder), ContainsSubstring("has format 2, and this driver knows format 1 only"));
}

TEST_CASE("two clusters can't share a folder") {
    const TempFolder folder;
    {
        TestCluster cluster(in(folder));
        CHECK_THAT(refusal(folder), ContainsSubstring("The state folder " + folder.path().string() +
                                                      " is in use by another target or another daemon"));
    }
    CHECK(refusal(folder).empty());
}

TEST_CASE("the state folder is made with access for its owner only") {
    const TempFolder folder;
    const std::string path = (folder / "deep/er").string();
    TestCluster cluster({{"state", path}});
    struct stat status {};
    REQUIRE(::stat(path.c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0700);
}

TEST_CASE("a path that can't be a state folder is refused") {
    const TempFolder folder;
    folder.write("file", "");
    for (const std::string &path : {(folder / "file").string(), (folder / "file/below").string(), std::string("relative/path")}) {
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

TEST_CASE("a FIFO in a state folder is refused by name, without blocking") {
    const char *const path = GENERATE("sequence.json", "default/ConfigMap/pipe.json", "pipe", "default/pipe");
    const TempFolder folder;
    { TestCluster(in(folder)).create(config_map("site")); }
    const std::string place = (folder / path).string();
    fs::remove(place);
    REQUIRE(::mkfifo(place.c_str(), 0600) == 0);
    CHECK_THAT(refusal(folder), ContainsSubstring(place));
}
