// SPDX-License-Identifier: Apache-2.0
//
// Writes to an object that somebody else changes all the time: they are done again, and win.
#include "support/catch.hpp"

#include "kubectl/api/bodies/take_over.hpp"

#include "kubectl/fakes/fakes.hpp"

#include <algorithm>
#include <atomic>

namespace {

constexpr const char *modified =
    "Operation cannot be fulfilled on configmaps \"x\": the object has been modified; please apply your "
    "changes to the latest version and try again";

json::object map_of(std::string_view value, std::string_view version = {}) {
    json::object metadata{{"name", "x"}, {"namespace", "n"}};
    if (!version.empty()) metadata["resourceVersion"] = version;
    return {{"apiVersion", "v1"}, {"kind", "ConfigMap"}, {"metadata", std::move(metadata)}, {"data", {{"a", value}}}};
}

// What an earlier replace of this driver made, with a field that the next apply leaves out.
json::object made_before() {
    json::object live = map_of("old", "7");
    live["data"].as_object()["gone"] = "1";
    live["metadata"].as_object()["managedFields"] = json::parse(
        R"([{"manager": "resourcifier", "operation": "Update", "apiVersion": "v1", "fieldsV1": {"f:data": {"f:a": {}, "f:gone": {}}}},
            {"manager": "helm", "operation": "Update", "apiVersion": "v1", "fieldsV1": {"f:metadata": {"f:annotations": {}}}}])");
    return live;
}

// live, as a forced apply leaves it.
json::object applied_by_force() {
    json::object live = made_before();
    live["data"].as_object()["a"] = "new";
    live["metadata"].as_object()["managedFields"] = json::parse(
        R"([{"manager": "resourcifier", "operation": "Apply", "apiVersion": "v1", "fieldsV1": {"f:data": {"f:a": {}}}},
            {"manager": "resourcifier", "operation": "Update", "apiVersion": "v1", "fieldsV1": {"f:data": {"f:gone": {}}}}])");
    return live;
}

struct Overtaken {
    explicit Overtaken(const std::string &script) : host(driver_entry<kubectl::KubectlDriver>, settings(script)) {
        folder.write("live", json::serialize(made_before()));
        folder.write("forced", json::serialize(applied_by_force()));
    }

    json::object settings(const std::string &script) const {
        const std::string has_lost = "echo \"$*\" >> \"$HERE/calls\"; lost() { echo 'Error from server (Conflict): error when "
                                     "replacing \"STDIN\": " +
                                     std::string(modified) + "' >&2; exit 1; }\n";
        return {{"kubectl", folder.script(has_lost + script)},
                {"server", "http://localhost:1"},
                {"namespace", "n"},
                {"transport", "exec"}};
    }

    std::ptrdiff_t count(std::string_view verb) const {
        const std::vector<std::string> lines = folder.lines("calls");
        return std::count_if(lines.begin(), lines.end(), [&](const std::string &line) { return line.starts_with(verb); });
    }

    Folder folder;
    FakeHost host;
};

FakeAnswer applied_on(FakeHost &host, std::uint32_t flags) {
    FakeCall call;
    call.verb = RSF_APPLY;
    call.flags = flags;
    call.object = json::serialize(map_of("new"));
    return host.perform(call);
}

} // namespace

TEST_CASE("over processes, a replace that conflicts with another client is repeated, unless the object names its version") {
    Overtaken fake(R"~(case $1 in
        get) cat "$HERE/live" ;;
        replace) echo >> "$HERE/turns"; [ "$(wc -l < "$HERE/turns")" -gt 2 ] || lost; cat ;;
    esac)~");
    FakeAnswer answer = fake.host.replace("cm", "x", map_of("new"));
    INFO(answer.message);
    CHECK(answer.outcome == Outcome::changed);
    CHECK(fake.count("get") == 3);
    CHECK(fake.count("replace") == 3);

    fake.folder.write("turns", "");
    answer = fake.host.replace("cm", "x", map_of("new", "7"));
    CHECK(answer.code == Code::conflict);
    CHECK(fake.count("replace") == 4);

    Overtaken never("case $1 in get) cat \"$HERE/live\" ;; *) lost ;; esac");
    CHECK(never.host.replace("cm", "x", map_of("new")).code == Code::conflict);
    CHECK(never.count("replace") == 8);
}

TEST_CASE("over processes, an apply takes its own fields over from an object that others change") {
    Overtaken fake(R"(case $1 in
        get) cat "$HERE/live" ;;
        replace) lost ;;
        patch) : > "$HERE/taken"; echo configmap/x ;;
        apply) if [ -e "$HERE/taken" ]; then cat; exit; fi
               echo 'error: Apply failed with 1 conflict: conflict with "resourcifier" using v1: .data.a' >&2; exit 1 ;;
    esac)");
    const FakeAnswer answer = applied_on(fake.host, 0);
    INFO(answer.message);
    CHECK(answer.outcome == Outcome::changed);
    CHECK(fake.count("patch --type=json") == 1);
}

TEST_CASE("over processes, a plan of an apply is done again for the version that is there") {
    Overtaken fake(R"(case $1 in
        get) cat "$HERE/live" ;;
        apply) cat "$HERE/forced" ;;
        replace) cat > "$HERE/sent"; if grep -q resourceVersion "$HERE/sent"; then lost; fi; cat "$HERE/sent" ;;
    esac)");
    const FakeAnswer answer = applied_on(fake.host, RSF_CALL_DRY_RUN);
    INFO(answer.message);
    REQUIRE(answer.succeeded);
    CHECK(answer.object.at("data") == json::value{{"a", "new"}});
    CHECK(fake.count("replace") == 2);
}

TEST_CASE("over the proxy, a plan of an apply is done again for the version that is there") {
    std::atomic<int> version = 7, puts = 0;
    FakeApi api([&](const FakeRequest &request) -> FakeReply {
        if (!request.target.starts_with("/api/v1/namespaces/n/configmaps/x")) return {0, {}};
        if (request.method == "PATCH") return ok(applied_by_force());
        if (request.method == "PUT") {
            if (++puts < 3) return refusal(409, "Conflict", modified);
            return ok(json::parse(request.body));
        }
        json::object live = made_before();
        live["metadata"].as_object()["resourceVersion"] = std::to_string(version++);
        return ok(live);
    });
    FakeHost host(driver_entry<kubectl::KubectlDriver>,
                  {{"kubectl", api.kubectl()}, {"server", "http://localhost:1"}, {"namespace", "n"}});
    const FakeAnswer answer = applied_on(host, RSF_CALL_DRY_RUN);
    INFO(answer.message);
    REQUIRE(answer.succeeded);
    CHECK(puts == 3);
    CHECK(answer.object.at("data") == json::value{{"a", "new"}});
    CHECK(answer.object.at("metadata").at("resourceVersion") == "9");
}

TEST_CASE("a patch of own's entries holds for any version, while they are what they were") {
    const json::array patch = kubectl::api::patch_of_own(made_before(), {"resourcifier"});
    const json::value update = made_before().at("metadata").at("managedFields").at(0);
    json::value apply = update;
    apply.as_object()["operation"] = "Apply";
    REQUIRE(patch.size() == 3);
    CHECK(patch[0] == json::value{{"op", "test"}, {"path", "/metadata/managedFields/0"}, {"value", update}});
    CHECK(patch[1] == json::value{{"op", "remove"}, {"path", "/metadata/managedFields/0"}});
    CHECK(patch[2] == json::value{{"op", "add"}, {"path", "/metadata/managedFields/0"}, {"value", apply}});
    CHECK(kubectl::api::patch_of_own(map_of("a"), {"resourcifier"}).empty());
}
