// SPDX-License-Identifier: Apache-2.0
//
// Many writes as one kubectl, with programs that behave like one: they echo the objects that they are given, apart from what the
// test says.
#include "support/catch.hpp"

#include "kubectl/fakes/fakes.hpp"

namespace {

using rsf::kubectl::open_descriptors;

// $files: what the program was given; say FILE...: their objects; name N: the Nth file.
constexpr const char *beginning = R"(
echo "$*" | sed 's/ --server=[^ ]*//; s/ --cache-dir=[^ ]*//; s/ --request-timeout=[^ ]*//' >> "$HERE/calls"
files=$(for word in "$@"; do case $word in --filename=*) echo "${word#--filename=}";; esac; done)
say() { for file; do cat "$file"; echo; done; }
name() { echo $files | cut -d' ' -f"$1"; }
)";

json::object map_named(std::string_view name, std::string_view ns = {}) {
    json::object metadata{{"name", name}};
    if (!ns.empty()) metadata["namespace"] = ns;
    return {{"apiVersion", "v1"}, {"kind", "ConfigMap"}, {"metadata", std::move(metadata)}};
}

struct Batches {
    explicit Batches(const std::string &script, json::object more = {}) {
        more["kubectl"] = folder.script(beginning + script);
        more.emplace("server", "http://localhost:1");
        more.emplace("transport", "exec");
        host = std::make_unique<FakeHost>(driver_entry<kubectl::KubectlDriver>, std::move(more));
    }

    std::vector<FakeAnswer> batch(std::uint32_t verb, const std::vector<json::object> &objects, std::uint32_t flags = 0) const {
        std::vector<FakeCall> calls;
        for (const json::object &object : objects) {
            FakeCall &call = calls.emplace_back();
            call.verb = verb;
            call.flags = flags;
            call.type = object.at("kind").as_string();
            call.name = object.at("metadata").at("name").as_string();
            call.object = json::serialize(object);
        }
        return host->batch(calls);
    }

    Folder folder;
    std::unique_ptr<FakeHost> host;
};

using Lines = std::vector<std::string>;

const std::vector<json::object> three{map_named("a"), map_named("b"), map_named("c")};
constexpr const char *three_files = " --filename=/proc/self/fd/3 --filename=/proc/self/fd/4 --filename=/proc/self/fd/5";

} // namespace

TEST_CASE("batches are for the exec transport: a proxy would save nothing by them") {
    CHECK(Batches("").host->extension<rsf_batch>(RSF_EXT_BATCH)->max_calls == 100);
    CHECK(Batches("", {{"transport", "proxy"}}).host->extension<rsf_batch>(RSF_EXT_BATCH) == nullptr);
}

TEST_CASE("the writes of a batch go to one kubectl, and each gets its own object back") {
    const Batches fake("say $(name 3) $(name 1) $(name 2)");
    const std::size_t before = open_descriptors();
    const std::vector<FakeAnswer> answers = fake.batch(RSF_CREATE, three);
    for (std::size_t i = 0; i < 3; ++i) {
        INFO(answers[i].message);
        CHECK(answers[i].outcome == Outcome::created);
        CHECK(answers[i].object == json::value(three[i]));
    }
    CHECK(fake.folder.lines("calls") == Lines{std::string("create --output=json --field-manager=resourcifier") + three_files});
    CHECK(open_descriptors() == before);
}

TEST_CASE("the credentials come before the objects") {
    const Batches fake("cat /proc/self/fd/3 > $HERE/kubeconfig; say $files", {{"token", "t0ken"}});
    CHECK(fake.batch(RSF_CREATE, three)[2].object == json::value(three[2]));
    CHECK_THAT(fake.folder.read("calls"),
               ContainsSubstring("--filename=/proc/self/fd/4 ") && !ContainsSubstring("=/proc/self/fd/3"));
    CHECK_THAT(fake.folder.read("kubeconfig"), ContainsSubstring("t0ken"));
}

TEST_CASE("each error is its own object's, and the others are done") {
    const Batches fake(R"(say $(name 2)
        echo "Warning: old" >&2
        echo "Error from server (AlreadyExists): error when creating \"$(name 1)\": configmaps \"a\" already exists" >&2
        echo "Error from server (Forbidden): error when creating \"$(name 3)\": no t0ken" >&2
        exit 1)",
                       {{"token", "t0ken"}});
    const std::vector<FakeAnswer> answers = fake.batch(RSF_CREATE, three);
    CHECK(answers[0].code == Code::already_exists);
    CHECK(answers[0].message == "The cluster says: configmaps \"a\" already exists");
    CHECK(answers[1].succeeded);
    CHECK(answers[2].code == Code::forbidden);
    CHECK(answers[2].message == "The cluster says: no ***");
    CHECK(fake.host->log().size() == 1);
}

TEST_CASE("an error that names no object is that of each that is not done") {
    const Batches fake(R"(say $(name 1); echo 'The ConfigMap "b" is invalid: data: no' >&2; say $(name 3); exit 1)");
    std::vector<FakeAnswer> answers = fake.batch(RSF_CREATE, three); // as kubectl writes it when it is the only one
    CHECK(answers[0].succeeded);
    CHECK(answers[1].message == "The cluster refuses it: The ConfigMap \"b\" is invalid: data: no");
    CHECK(answers[2].succeeded);

    fake.folder.script(beginning + std::string("say $(name 1); kill -KILL $$"));
    answers = fake.batch(RSF_CREATE, three);
    CHECK(answers[0].succeeded);
    for (const std::size_t i : {1U, 2U}) {
        CHECK(answers[i].code == Code::unavailable);
        CHECK_THAT(answers[i].message, ContainsSubstring("signal 9") && ContainsSubstring("The change may have happened."));
    }

    fake.folder.script(beginning + std::string("say $(name 1) $(name 2)"));
    answers = fake.batch(RSF_CREATE, three);
    CHECK(answers[1].succeeded);
    CHECK(answers[2].message == "kubectl printed no result for this object. The change may have happened.");

    fake.folder.script("echo hello");
    for (const FakeAnswer &answer : fake.batch(RSF_CREATE, three))
        CHECK_THAT(answer.message, ContainsSubstring("is the setting kubectl really a kubectl?"));
}

TEST_CASE("an object that can't be sent costs the others nothing") {
    const Batches fake("say $files");
    const json::object list{{"apiVersion", "v1"}, {"kind", "List"}, {"metadata", {{"name", "l"}}}, {"items", json::array()}};
    const std::vector<FakeAnswer> answers = fake.batch(RSF_CREATE, {three[0], list, three[2]});
    CHECK(answers[0].object == json::value(three[0]));
    CHECK_THAT(answers[1].message, ContainsSubstring("The object is a list"));
    CHECK(answers[2].object == json::value(three[2]));
    CHECK(fake.batch(RSF_CREATE, {list})[0].code == Code::invalid);
}

TEST_CASE("objects of one name in several namespaces are told apart, and what says no namespace goes to the target's") {
    const Batches fake(R"(case "$*" in
        *--namespace=usual*) say $files | sed 's/"name":"x"/"name":"x","namespace":"usual"/' ;;
        *) say $(name 2) $(name 1) ;;
    esac)",
                       {{"namespace", "usual"}});
    const std::vector<json::object> objects{map_named("x", "one"), map_named("x"), map_named("x", "two")};
    const std::vector<FakeAnswer> answers = fake.batch(RSF_CREATE, objects);
    for (std::size_t i = 0; i < 3; ++i) INFO(answers[i].message);
    CHECK(answers[0].object.at("metadata").at("namespace") == "one");
    CHECK(answers[1].object.at("metadata").at("namespace") == "usual");
    CHECK(answers[2].object.at("metadata").at("namespace") == "two");
    CHECK(fake.folder.lines("calls").size() == 2);

    // Without such a setting the context's is known to kubectl alone.
    const Batches bare(R"(say $files | sed 's/"name":"x"}/"name":"x","namespace":"default"}/')");
    const std::vector<FakeAnswer> others = bare.batch(RSF_CREATE, {map_named("x"), map_named("x", "one")});
    CHECK(others[0].object.at("metadata").at("namespace") == "default");
    CHECK(others[1].object.at("metadata").at("namespace") == "one");
}

TEST_CASE("objects of more bytes than an answer may have go to several kubectls") {
    const Batches fake("say $files");
    std::vector<json::object> objects = three;
    for (json::object &object : objects) object["data"] = {{"a", std::string(std::size_t{9} << 20, 'x')}};
    for (const FakeAnswer &answer : fake.batch(RSF_CREATE, objects)) CHECK(answer.succeeded);
    CHECK(fake.folder.lines("calls").size() == 3);
}

TEST_CASE("an apply of many looks once and applies once") {
    const Batches fake(R"(case $1 in
        get) printf '{"kind": "List", "items": ['; say $(name 1) | sed 's/"name"/"resourceVersion":"1","labels":{"a":"b"},"name"/'; printf ,
             say $(name 2); echo ']}' ;;
        apply) say $files ;;
    esac)");
    const std::vector<FakeAnswer> answers = fake.batch(RSF_APPLY, three);
    CHECK(answers[0].outcome == Outcome::changed);
    CHECK(answers[1].outcome == Outcome::unchanged);
    CHECK(answers[2].outcome == Outcome::created);
    CHECK(fake.folder.lines("calls") ==
          Lines{std::string("get --ignore-not-found=true --output=json --show-managed-fields=true") + three_files,
                std::string("apply --server-side=true --output=json --field-manager=resourcifier") + three_files});

    fake.folder.write("calls", "");
    fake.folder.script(beginning + std::string(R"(case $1 in
        get) echo "error: unable to recognize \"$(name 2)\": no matches for kind \"ConfigMap\" in version \"v1\"" >&2; exit 1 ;;
        apply) say $files ;;
    esac)"));
    const std::vector<FakeAnswer> again = fake.batch(RSF_APPLY, three);
    CHECK(again[0].outcome == Outcome::created);
    CHECK(again[1].code == Code::invalid);
    CHECK(again[2].outcome == Outcome::created);
    CHECK(fake.folder.lines("calls").at(1) == "apply --server-side=true --output=json --field-manager=resourcifier "
                                              "--filename=/proc/self/fd/3 --filename=/proc/self/fd/4");
}

TEST_CASE("when one of many can't be applied, kubectl is asked again until it is known which one") {
    const std::vector<json::object> four{map_named("a"), map_named("b"), map_named("c"), map_named("d")};
    // As kubectl does: of several of which one fails it answers with none, and names no file.
    const Batches conflict(R"~(case $1 in
        get) exit 0 ;;
        apply) all=$(say $files)
            case $all in
            *'"c"'*) echo 'error: Apply failed with 1 conflict: conflict with "helm": .data.a' >&2; exit 1 ;;
            *) echo "$all" ;;
            esac ;;
    esac)~");
    std::vector<FakeAnswer> answers = conflict.batch(RSF_APPLY, four);
    for (const std::size_t i : {0U, 1U, 3U}) CHECK(answers[i].outcome == Outcome::created);
    CHECK(answers[2].code == Code::conflict);
    CHECK(conflict.folder.lines("calls").size() == 6); // get, all, two halves, the two of the second

    // One that it does name is left out, and the others are applied together.
    const Batches named(R"~(case $1 in
        get) exit 0 ;;
        apply) for file in $files; do case $(say $file) in
                *'"b"'*) echo "error validating \"$file\": no" >&2; exit 1 ;;
            esac; done; say $files ;;
    esac)~");
    answers = named.batch(RSF_APPLY, four);
    for (const std::size_t i : {0U, 2U, 3U}) CHECK(answers[i].outcome == Outcome::created);
    CHECK_FALSE(answers[1].succeeded);
    CHECK(named.folder.lines("calls").size() == 3);
}

TEST_CASE("what a replace keeps of many is looked up at once, also by a kubectl that shows managers unasked") {
    const auto service = [](const char *name) {
        return json::object{
            {"apiVersion", "v1"}, {"kind", "Service"}, {"metadata", {{"name", name}}}, {"spec", {{"type", "ClusterIP"}}}};
    };
    const std::string script = R"(case "$*" in
        *--show-managed-fields*) if [ -f $HERE/old ]; then echo 'Error: unknown flag: --show-managed-fields' >&2; exit 1; fi ;;
    esac
    case $1 in
        get) say $files | sed 's/"type"/"clusterIP":"10.0.0.1","type"/' ;;
        replace) say $files ;;
    esac)";
    const std::string get = "get --ignore-not-found=true --output=json", flag = " --show-managed-fields=true";
    const std::string replace = std::string("replace --output=json --field-manager=resourcifier") + three_files;
    for (const bool old : {false, true}) {
        const Batches fake(script);
        if (old) fake.folder.write("old", "");
        for (int turn = 0; turn < 2; ++turn) {
            const std::vector<FakeAnswer> answers = fake.batch(RSF_REPLACE, {three[0], service("s"), service("t")});
            CHECK(answers[0].outcome == Outcome::changed);
            CHECK(answers[1].object.at("spec").at("clusterIP") == "10.0.0.1");
            CHECK(answers[2].object.at("spec").at("clusterIP") == "10.0.0.1");
        }
        if (old)
            CHECK(fake.folder.lines("calls") ==
                  Lines{get + flag + three_files, get + three_files, replace, get + three_files, replace});
        else
            CHECK(fake.folder.lines("calls") == Lines{get + flag + three_files, replace, get + flag + three_files, replace});
    }
}

TEST_CASE("an apply to what the driver made before takes the fields over first, in one kubectl") {
    // as the cluster would: what is replaced is there
    const Batches fake(R"~(case $1 in
        get) say $(name 1) | sed 's/"metadata":{/"metadata":{"managedFields":[{"manager":"kubectl-create","operation":"Update","fieldsV1":{"f:data":{}}}],/' ;;
        replace) say $files >> $HERE/replaced; echo configmap/a ;;
        apply) say $files ;;
    esac)~");
    const std::vector<FakeAnswer> answers = fake.batch(RSF_APPLY, three);
    CHECK(answers[0].outcome == Outcome::unchanged);
    CHECK(answers[1].outcome == Outcome::created);
    const Lines calls = fake.folder.lines("calls");
    REQUIRE(calls.size() == 3);
    CHECK(calls[1] == "replace --output=name --validate=false --field-manager=resourcifier --filename=-");
    CHECK(json::parse(fake.folder.lines("replaced").at(0)).at("metadata").at("managedFields") ==
          json::parse(R"([{"manager": "resourcifier", "operation": "Apply", "fieldsV1": {"f:data": {}}}])"));
}

TEST_CASE("a plan of an apply whose old and new fields the cluster refuses together asks for the new ones alone") {
    const Batches fake(R"~(case $1 in
        get) say $(name 1) | sed 's/"metadata":{/"metadata":{"resourceVersion":"7","managedFields":[{"manager":"kubectl-create","operation":"Update","fieldsV1":{"f:data":{"f:old":{}}}},{"manager":"helm","operation":"Update","fieldsV1":{"f:data":{"f:h":{}}}}],/; s/"data":{/"data":{"old":"1","h":"2",/' ;;
        replace) say $files | tee $HERE/replaced ;;
        apply) echo 'The ConfigMap "a" is invalid: data: Invalid value: a and old together' >&2; exit 1 ;;
    esac)~");
    FakeCall call;
    call.verb = RSF_APPLY;
    call.flags = RSF_CALL_DRY_RUN;
    call.type = "cm";
    call.name = "a";
    json::object object = three[0];
    object["data"] = json::object{{"a", "b"}};
    call.object = json::serialize(object);
    const FakeAnswer answer = fake.host->perform(call);
    INFO(answer.message);
    REQUIRE(answer.succeeded);
    CHECK(answer.object.at("data") == json::object{{"a", "b"}, {"h", "2"}});
    const json::value sent = json::parse(fake.folder.read("replaced"));
    CHECK(sent.at("metadata").at("resourceVersion") == "7");
    CHECK(fake.folder.lines("calls").back() ==
          "replace --output=json --field-manager=resourcifier --dry-run=server --filename=-");
}

TEST_CASE("of many that are deleted, each was there or was not") {
    const Batches fake("echo configmap/a; echo configmap/c");
    std::vector<json::object> objects = three;
    objects.push_back(map_named("d"));
    const std::vector<FakeAnswer> answers = fake.batch(RSF_DELETE, objects);
    CHECK(answers[0].outcome == Outcome::done);
    CHECK(answers[1].outcome == Outcome::unchanged);
    CHECK(answers[2].outcome == Outcome::done);
    CHECK(answers[3].outcome == Outcome::unchanged);
    CHECK(fake.folder.lines("calls").size() == 1);
}

TEST_CASE("a batch of deletions that times out fails only for the objects that are left") {
    const Batches fake(R"(case $1 in
        delete) echo configmap/a; echo configmap/b; echo configmap/c
                echo 'error: timed out waiting for the condition on configmaps/b' >&2; exit 1 ;;
        get) say $(name 2) ;;
    esac)");
    std::vector<FakeAnswer> answers = fake.batch(RSF_DELETE, three);
    CHECK(answers[0].outcome == Outcome::done);
    CHECK(answers[1].code == Code::timeout);
    CHECK(answers[2].outcome == Outcome::done);

    // Who can't look can't tell.
    fake.folder.script(beginning +
                       std::string("echo configmap/a; echo 'error: timed out waiting for the condition' >&2; exit 1"));
    for (const FakeAnswer &answer : fake.batch(RSF_DELETE, three)) CHECK(answer.code == Code::timeout);
}

TEST_CASE("a deletion that failed for some is made again for the others, which kubectl has not waited for") {
    const Batches fake(R"~(case $1 in
        delete) case $files in
            *fd/5*) echo configmap/a; echo configmap/c
                    echo "Error from server (Forbidden): error when deleting \"$(name 2)\": no" >&2; exit 1 ;;
            *) echo 'error: timed out waiting for the condition on configmaps/c' >&2; exit 1 ;;
            esac ;;
        get) say $(name 2) ;;
    esac)~");
    const std::vector<FakeAnswer> answers = fake.batch(RSF_DELETE, three);
    CHECK(answers[0].outcome == Outcome::done);
    CHECK(answers[1].code == Code::forbidden);
    CHECK(answers[2].code == Code::timeout);
}

TEST_CASE("objects whose names kubectl prints alike are read before they are deleted") {
    const Batches fake(R"(case $1 in
        delete) echo configmap/x ;;
        get) say $(name 2) ;;
    esac)");
    const std::vector<FakeAnswer> answers = fake.batch(RSF_DELETE, {map_named("x", "one"), map_named("x", "two")});
    CHECK(answers[0].outcome == Outcome::unchanged);
    CHECK(answers[1].outcome == Outcome::done);
}

TEST_CASE("a batch that is a dry run is one for kubectl") {
    const Batches fake("say $files");
    for (const std::uint32_t verb : {RSF_CREATE, RSF_REPLACE, RSF_APPLY}) {
        for (const FakeAnswer &answer : fake.batch(verb, three, RSF_CALL_DRY_RUN)) CHECK(answer.succeeded);
        CHECK_THAT(fake.folder.lines("calls").back(), ContainsSubstring("--dry-run=server"));
    }
}
