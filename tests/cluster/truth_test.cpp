// SPDX-License-Identifier: Apache-2.0
//
// Whether what plans say is what happens: 31 kinds of objects on a real API server, planned, compared with kubectl diff, changed
// for real and planned again.
#include "cluster/audited_plane.hpp"
#include "cluster/truth_kinds.hpp"
#include "parse/document.hpp"
#include "support/catch.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <map>
#include <set>
#include <sstream>

using namespace rsf::test;
namespace fs = std::filesystem;
namespace json = boost::json;

namespace {

using Names = std::set<std::string>;
using Objects = std::map<std::string, json::object>; // by identity

json::value plan(const DaemonProcess &daemon, const std::string &method, const std::vector<const Specimen *> &specimens) {
    const HttpAnswer answer =
        daemon.connect().send(method, "/configurations?dryRun=All", configuration_of(specimens), wants_json);
    INFO(answer.body);
    REQUIRE(answer.status == 200);
    return json::parse(answer.body);
}

// The names of the resources with that action.
Names named(const json::value &plan, std::string_view action) {
    Names names;
    for (const json::value &resource : plan.at("resources").as_array())
        if (resource.at("action").as_string() == action) names.emplace(resource.at("name").as_string());
    return names;
}

Names names_of(const std::vector<const Specimen *> &specimens) {
    Names names;
    for (const Specimen *each : specimens) names.insert(each->name);
    return names;
}

// What each resource that failed says, and what changes where nothing should.
std::string complaints(const json::value &plan, bool changes_too) {
    std::string text;
    for (const json::value &resource : plan.at("resources").as_array()) {
        const bool speaks = !resource.at("errors").as_array().empty() || (changes_too && resource.at("action") != "unchanged");
        if (speaks)
            text += std::string(resource.at("name").as_string()) + ": " + json::serialize(resource.at("errors")) +
                    json::serialize(resource.at("changes")) + "\n";
    }
    return text;
}

fs::path list_in(const TempFolder &folder, const std::string &name, const json::array &objects) {
    return folder.write(name, list_of(objects));
}

void kubectl(std::vector<std::string> arguments) {
    const Ended ended = audited_plane().run_kubectl(std::move(arguments));
    INFO(ended.err);
    REQUIRE(ended.exit_code == 0);
}

json::array posted(const std::vector<const Specimen *> &specimens) {
    json::array objects;
    for (const Specimen *each : specimens) objects.emplace_back(each->posted);
    return objects;
}

// As kubectl diff names an object's file.
std::string diff_name(const json::object &object) {
    std::string version(object.at("apiVersion").as_string());
    if (const auto slash = version.find('/'); slash != std::string::npos) version[slash] = '.';
    const json::object &metadata = object.at("metadata").as_object();
    const json::value *ns = metadata.if_contains("namespace");
    return version + "." + std::string(object.at("kind").as_string()) + "." + (ns ? std::string(ns->as_string()) : "") + "." +
           std::string(metadata.at("name").as_string());
}

// The names of those that kubectl diff says would change.
Names changed_by_kubectl_diff(const TempFolder &folder, const std::vector<const Specimen *> &specimens) {
    const Ended ended = audited_plane().run_kubectl({"diff", "-f", list_in(folder, "diff.json", posted(specimens)).string()});
    INFO(ended.out << ended.err);
    REQUIRE((ended.exit_code == 0 || ended.exit_code == 1));
    std::map<std::string, std::string> by_file;
    for (const Specimen *each : specimens) by_file[diff_name(each->posted)] = each->name;
    Names names;
    std::istringstream lines(ended.out);
    for (std::string line; std::getline(lines, line);)
        if (line.starts_with("diff ")) names.insert(by_file.at(line.substr(line.rfind('/') + 1)));
    return names;
}

// Those of the objects that are there.
Objects live(const TempFolder &folder, const std::vector<const Specimen *> &specimens) {
    const Ended ended = audited_plane().run_kubectl(
        {"get", "--ignore-not-found", "--output=json", "-f", list_in(folder, "get.json", posted(specimens)).string()});
    INFO(ended.err);
    REQUIRE(ended.exit_code == 0);
    Objects objects;
    if (ended.out.empty()) return objects;
    const json::object answer = json::parse(ended.out).as_object();
    const json::value *items = answer.if_contains("items"); // or else there is one
    for (const json::value &item : items ? items->as_array() : json::array{answer})
        objects[identity_of(item.as_object())] = item.as_object();
    return objects;
}

// Once the controllers have put back the finalizers that a replace without them took away.
Objects settled(const TempFolder &folder, const std::vector<const Specimen *> &specimens) {
    const auto is_unprotected = [](const auto &entry) {
        return entry.first.starts_with("PersistentVolume") && !entry.second.at("metadata").as_object().contains("finalizers");
    };
    for (;;) {
        Objects objects = live(folder, specimens);
        if (std::ranges::none_of(objects, is_unprotected)) return objects;
    }
}

// The objects in the files below a folder.
Objects objects_in(const fs::path &folder) {
    Objects objects;
    for (const fs::directory_entry &entry : fs::recursive_directory_iterator(folder)) {
        if (!entry.is_regular_file()) continue;
        INFO(entry.path());
        CHECK(entry.path().extension() == ".yaml"); // patch keeps what it could not apply in other files
        const auto read = rsf::parse::read_yaml(read_file(entry.path()), {});
        REQUIRE(read.has_value());
        objects[identity_of(read->value.as_object())] = read->value.as_object();
    }
    return objects;
}

// The shell lines that docs/reviewing.md shows behind this comment.
std::string documented_commands() {
    const std::string text = read_file(TEST_SOURCE_DIR "/../docs/reviewing.md");
    const std::string mark = "<!-- run by tests/cluster/truth_test.cpp -->\n\n";
    const auto begin = text.find(mark);
    REQUIRE(begin != std::string::npos);
    std::istringstream lines(text.substr(begin + mark.size()));
    std::string commands;
    for (std::string line; std::getline(lines, line) && line.starts_with("    ");) commands += line.substr(4) + "\n";
    return commands;
}

// Runs them in the folder as a person would, for a configuration whose PUT is planned.
void run_documented_commands(const DaemonProcess &daemon, const TempFolder &folder, const std::string &configuration) {
    write_file(folder / "configuration.yaml", configuration);
    write_file(folder / ".curlrc", "unix-socket = \"" + (daemon.folder() / "socket").string() + "\"\n");
    const Ended ended = run_program({"env", "CURL_HOME=" + (folder / "").string(), "url=http://localhost/targets/prod",
                                     "yaml=Content-Type: application/yaml", "sh", "-c",
                                     "set -e; cd \"$1\"; " + documented_commands(), "sh", (folder / "").string()});
    INFO(ended.out << ended.err);
    REQUIRE(ended.exit_code == 0);
}

// A plan's diff put into files by patch.
void patch(const DaemonProcess &daemon, const std::string &method, const std::vector<const Specimen *> &specimens,
           const TempFolder &folder) {
    const HttpAnswer answer =
        daemon.connect().send(method, "/configurations?dryRun=All", configuration_of(specimens), {{"Accept", "text/x-diff"}});
    write_file(folder / "plan.diff", answer.body);
    const Ended ended = run_program({"patch", "-p1", "-d", (folder / "planned").string(), "-i", (folder / "plan.diff").string()});
    INFO(ended.out << ended.err);
    REQUIRE(ended.exit_code == 0);
}

void compare(const Objects &planned, const Objects &made, const std::vector<const Specimen *> &specimens) {
    for (const Specimen *each : specimens) {
        const std::string identity = identity_of(each->posted);
        INFO(each->name << ": planned and real");
        REQUIRE(planned.contains(identity));
        REQUIRE(made.contains(identity));
        CHECK(difference(without_bookkeeping(planned.at(identity), each->assigned),
                         without_bookkeeping(made.at(identity), each->assigned)) == "");
    }
}

std::vector<const Specimen *> without_secrets(std::vector<const Specimen *> specimens) {
    std::erase_if(specimens, [](const Specimen *each) { return each->kind() == "Secret"; });
    return specimens;
}

} // namespace

TEST_CASE("what plans say is what kubectl diff says and what happens, for every kind of object") {
    const Specimens specimens = read_specimens();
    CHECK(specimens.kinds() >= 20);
    const auto kept = specimens.of({"same", "field", "list"}), changed = specimens.of({"field", "list"});
    const auto added = specimens.of({"new"}), gone = specimens.of({"gone"});
    const TempFolder folder;
    kubectl({"apply", "-f", list_in(folder, "before.json", specimens.before).string()});
    kubectl({"wait", "--for=condition=Established", "crd/widgets.truth.example.com"});
    json::array at_first;
    for (const Specimen &each : specimens.all)
        if (!each.live.empty()) at_first.emplace_back(each.live);
    kubectl({"apply", "-f", list_in(folder, "live.json", at_first).string()});

    const DaemonProcess daemon(target_prod());

    const json::value replacing = plan(daemon, "PUT", kept), creating = plan(daemon, "POST", added),
                      deleting = plan(daemon, "DELETE", gone);
    for (const json::value *each : {&replacing, &creating, &deleting}) {
        CHECK(complaints(*each, false) == "");
        for (const json::value &resource : each->at("resources").as_array()) CHECK(resource.at("basis") == "server");
    }
    CHECK(named(replacing, "update") == names_of(changed));
    CHECK(named(replacing, "update") == changed_by_kubectl_diff(folder, kept));
    CHECK(named(replacing, "unchanged") == names_of(specimens.of({"same"})));
    CHECK(named(creating, "create") == names_of(added));
    CHECK(named(creating, "create") == changed_by_kubectl_diff(folder, added));
    CHECK(named(deleting, "delete") == names_of(gone)); // which kubectl diff can't say

    // Of Secrets patch could only compare the tags of one plan with those of another.
    run_documented_commands(daemon, folder, configuration_of(without_secrets(changed)));
    patch(daemon, "POST", added, folder);
    const Objects were = live(folder, kept), planned = objects_in(folder / "planned"), shown = objects_in(folder / "live");
    compare(shown, were, without_secrets(changed));

    CHECK(daemon.connect().send("PUT", "/configurations", configuration_of(kept), wants_json).status == 200);
    CHECK(daemon.connect().send("POST", "/configurations", configuration_of(added), wants_json).status == 201);
    CHECK(daemon.connect().send("DELETE", "/configurations", configuration_of(gone), wants_json).status == 204);

    const Objects are = settled(folder, specimens.of({"same", "field", "list", "new"}));
    compare(planned, are, without_secrets(changed));
    compare(planned, are, added);
    compare(were, are, specimens.of({"same"}));
    CHECK(live(folder, gone).empty());

    const json::value again = plan(daemon, "PUT", specimens.of({"same", "field", "list", "new"}));
    CHECK(complaints(again, true) == "");
    CHECK(again.at("summary").at("unchanged") == 4 * specimens.all.size() / 5);
}
