// SPDX-License-Identifier: Apache-2.0
//
// The driver behind the ABI, and its exec transport with programs that behave like a kubectl, or badly.
#include "support/catch.hpp"

#include "kubectl/fakes/fakes.hpp"

#include <atomic>
#include <thread>

namespace {

using rsf::kubectl::children;
using rsf::kubectl::open_descriptors;

const rsf_entry &entry = driver_entry<kubectl::KubectlDriver>;

// Writes down how it was called, then does what the test says.
constexpr const char *notes = R"(
for word in "$@"; do echo "$word"; done > "$HERE/argv"
echo "$*" >> "$HERE/calls"
tr '\0' '\n' < /proc/$$/cmdline > "$HERE/cmdline"
env > "$HERE/env"
[ -e /proc/self/fd/3 ] && cat /proc/self/fd/3 > "$HERE/kubeconfig"
cat > "$HERE/stdin"
)";
constexpr const char *config_map_answer =
    R"(echo '{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x", "namespace": "n", "uid": "u"}}')";

json::object parse(std::string_view text) { return json::parse(text).as_object(); }

json::object config_map() {
    return parse(R"({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x"}, "data": {"a": "b"}})");
}

struct Fake {
    explicit Fake(const std::string &script, json::object more = {}) {
        more["kubectl"] = folder.script(notes + script);
        more.emplace("server", "http://localhost:1");
        more.emplace("transport", "exec");
        host = std::make_unique<FakeHost>(entry, std::move(more));
    }

    // The words after the flags that every command has.
    std::vector<std::string> argv() const {
        std::vector<std::string> result;
        for (const std::string &word : folder.lines("argv"))
            if (!word.starts_with("--cache-dir=") && !word.starts_with("--server=") && !word.starts_with("--request-timeout="))
                result.push_back(word);
        return result;
    }

    Folder folder;
    std::unique_ptr<FakeHost> host;
};

using Words = std::vector<std::string>;

} // namespace

TEST_CASE("each verb is one kubectl with the object on its input") {
    Fake fake(config_map_answer);
    FakeAnswer answer = fake.host->create("cm", "x", config_map());
    INFO(answer.message);
    REQUIRE(answer.succeeded);
    CHECK(answer.outcome == Outcome::created);
    CHECK(answer.object.at("metadata").at("uid") == "u");
    CHECK(answer.selflink == "/api/v1/namespaces/n/configmaps/x");
    CHECK(fake.argv() == Words{"create", "--output=json", "--field-manager=resourcifier", "--filename=-"});
    CHECK(json::parse(fake.folder.read("stdin")) == config_map());

    answer = fake.host->replace("cm", "x", config_map());
    CHECK(answer.outcome == Outcome::changed);
    CHECK(fake.argv() == Words{"replace", "--output=json", "--field-manager=resourcifier", "--filename=-"});

    answer = fake.host->get("cm", "x");
    CHECK(answer.succeeded);
    CHECK(fake.argv() == Words{"get", "--output=json", "--", "cm", "x"});
    CHECK(fake.folder.read("stdin").empty());
}

TEST_CASE("a delete gives kubectl the identity of the object and nothing else of it") {
    struct Row {
        const char *name, *metadata, *sent;
    };
    const Row rows[] = {
        {"labels of another type", R"({"name": "x", "labels": {"a": 1}})", R"({"name": "x"})"},
        {"annotations as a text", R"({"name": "x", "namespace": "n", "annotations": "x"})", R"({"name": "x", "namespace": "n"})"},
        {"no time", R"({"name": "x", "creationTimestamp": "yesterday", "clusterName": 5, "finalizers": "x"})",
         R"({"name": "x"})"},
    };
    for (const Row &row : rows) {
        INFO(row.name);
        Fake fake("echo configmap/x");
        json::object object = config_map();
        object["metadata"] = json::parse(row.metadata);
        object["data"] = "no mapping";
        CHECK(fake.host->remove("cm", "x", object).outcome == Outcome::done);
        CHECK(json::parse(fake.folder.read("stdin")) ==
              json::value{{"apiVersion", "v1"}, {"kind", "ConfigMap"}, {"metadata", json::parse(row.sent)}});
    }
}

TEST_CASE("over processes, a target is unready while its cluster is not reached or does not accept the credentials") {
    struct Row {
        const char *name, *said, *reason; // reason: null: it stays ready
    };
    const Row rows[] = {
        {"nothing listens", "The connection to the server localhost:1 was refused - did you specify the right host or port?",
         "can't be reached"},
        {"a token that is none", "error: You must be logged in to the server (Unauthorized)", "does not know who is asking"},
        {"no such object", "Error from server (NotFound): configmaps \"x\" not found", nullptr},
        {"a webhook that is not reached",
         "Error from server (InternalError): Internal error occurred: failed calling webhook \"w\": connection refused", nullptr},
    };
    for (const Row &row : rows) {
        INFO(row.name);
        Fake fake(std::string("if [ -e \"$HERE/said\" ]; then cat \"$HERE/said\" >&2; exit 1; fi; ") + config_map_answer);
        while (fake.host->health().object.at("ok") == false) std::this_thread::yield(); // a first check, without a call
        fake.folder.write("said", std::string(row.said) + "\n");
        CHECK_FALSE(fake.host->get("cm", "x").succeeded);
        const json::value health = fake.host->health().object;
        CHECK(health.at("ok") == (row.reason == nullptr));
        if (row.reason) CHECK_THAT(std::string(health.at("reason").as_string()), ContainsSubstring(row.reason));
        std::filesystem::remove(fake.folder.path() + "/said");
        while (fake.host->health().object.at("ok") == false) std::this_thread::yield(); // without a call
    }
}

TEST_CASE("the cluster, the context and the time go along as flags") {
    Fake fake(config_map_answer, {{"insecure_skip_tls_verify", true}, {"request_timeout", "20s"}, {"namespace", "n"}});
    REQUIRE(fake.host->get("cm", "x").succeeded);
    const Words words = fake.folder.lines("argv");
    CHECK(words[2] == "--server=http://localhost:1");
    CHECK(words[3] == "--insecure-skip-tls-verify=true");
    CHECK(words[4].starts_with("--cache-dir=/"));
    CHECK(words[5] == "--namespace=n");
    CHECK(words[6] == "--request-timeout=20000ms");

    FakeCall call;
    call.type = "cm";
    call.name = "x";
    call.deadline = std::chrono::steady_clock::now() + std::chrono::seconds(15);
    REQUIRE(fake.host->perform(call).succeeded);
    const std::string time = fake.folder.lines("argv")[6];
    CHECK(std::stoi(time.substr(time.find('=') + 1)) <= 15'000); // no longer than the call
}

TEST_CASE("a list has its namespace and selectors as single words") {
    Fake fake(R"(echo '{"kind": "List", "items": [{"kind": "ConfigMap"}]}')", {{"namespace", "usual"}});
    FakeCall call;
    call.verb = RSF_LIST;
    call.type = "cm";
    call.label_selector = "app in (a, b)";
    call.field_selector = "--raw=/x";
    FakeAnswer answer = fake.host->perform(call);
    INFO(answer.message);
    REQUIRE(answer.succeeded);
    CHECK(answer.object.at("items").as_array().size() == 1);
    CHECK(fake.argv() == Words{"get", "--output=json", "--selector=app in (a, b)", "--field-selector=--raw=/x",
                               "--namespace=usual", "--", "cm"});

    call.label_selector.clear();
    call.field_selector.clear();
    call.flags = RSF_CALL_ALL_NAMESPACES;
    REQUIRE(fake.host->perform(call).succeeded);
    CHECK(fake.argv() == Words{"get", "--output=json", "--all-namespaces=true", "--", "cm"});
}

TEST_CASE("words that could be taken for something else never reach kubectl") {
    Fake fake(config_map_answer);
    for (const char *type : {"--raw=/api", "-A", "all", "cm,secrets", "cm/x", "cm x", ""}) {
        INFO(type);
        CHECK(fake.host->get(type, "x").code == Code::invalid);
        CHECK(fake.host->list(type).code == Code::invalid);
    }
    for (const char *name : {"--all", "-n", "a,b", "a b", "a/b", "..", ""}) {
        INFO(name);
        CHECK(fake.host->get("cm", name).code == Code::invalid);
    }
    CHECK(fake.host->get("cm", std::string("a\0b", 3)).code == Code::invalid);
    FakeCall call;
    call.type = "cm";
    call.name = "x";
    for (const char *ns : {"--all-namespaces", "a b", "A"}) {
        INFO(ns);
        call.ns = ns;
        for (const std::uint32_t verb : {RSF_GET, RSF_LIST, RSF_CREATE, RSF_DELETE}) {
            call.verb = verb;
            call.object = verb == RSF_CREATE || verb == RSF_DELETE ? json::serialize(config_map()) : "";
            const FakeAnswer answer = fake.host->perform(call);
            if (verb == RSF_DELETE)
                CHECK(answer.outcome == Outcome::unchanged); // nothing can be there
            else
                CHECK(answer.code == Code::invalid);
        }
    }
    CHECK(fake.folder.read("calls").empty());
}

TEST_CASE("text that is not exactly one object is refused before kubectl runs") {
    Fake fake(config_map_answer);
    struct Row {
        const char *name, *object, *sentence;
    };
    const Row rows[] = {
        {"a list", R"({"apiVersion": "v1", "kind": "List", "metadata": {"name": "x"}, "items": []})", "The object is a list"},
        {"a typed list", R"({"apiVersion": "v1", "kind": "ConfigMapList", "metadata": {"name": "x"}, "items": [{}]})",
         "The object is a list"},
        {"a name like a flag", R"({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "-x"}})", "-x"},
    };
    for (const Row &row : rows) {
        INFO(row.name);
        const std::string type = std::string_view(row.name) == "a typed list" ? "ConfigMapList.v1." : "cm";
        const FakeAnswer answer = fake.host->create(type, "x", parse(row.object));
        CHECK(answer.code == Code::invalid);
        CHECK_THAT(answer.message, ContainsSubstring(row.sentence));
    }
    CHECK(fake.folder.read("calls").empty());
}

TEST_CASE("no secret is on the command line, in the environment, in an error or in the log") {
    const std::string secret = "t0ken-of-the-target";
    Fake fake("echo \"Warning: do not use " + secret + "\" >&2\necho \"error: bad token " + secret +
                  "\" >&2; echo 'The X \"y\" is invalid: a: " + secret + "' >&2; exit 1",
              {{"token", secret}});
    const FakeAnswer answer = fake.host->create("cm", "x", config_map());
    CHECK(answer.code != Code{});
    CHECK_THAT(answer.message, ContainsSubstring("***") && !ContainsSubstring(secret));
    CHECK_THAT(json::serialize(answer.details), !ContainsSubstring(secret));
    REQUIRE(fake.host->log().size() == 1);
    CHECK(fake.host->log()[0].message == "kubectl warns: do not use ***");
    CHECK(fake.host->log()[0].request_id == "test-request");
    CHECK_THAT(fake.folder.read("cmdline"), ContainsSubstring("--user=resourcifierd\n") && !ContainsSubstring(secret));
    CHECK_THAT(fake.folder.read("env"), ContainsSubstring("KUBECONFIG=/proc/self/fd/3\n") && !ContainsSubstring(secret));
    CHECK(json::parse(fake.folder.read("kubeconfig")).at("users").at(0).at("user").at("token") == json::value(secret));
}

TEST_CASE("a deleted object was there or not, and so is its namespace") {
    const char *script = R"(cat "$HERE/deleted"; [ ! -s "$HERE/says" ] || { cat "$HERE/says" >&2; exit 1; })";
    Fake fake(script, {{"namespace", "there"}});
    fake.folder.write("deleted", "configmap/x\n");
    FakeAnswer answer = fake.host->remove("cm", "x", config_map());
    CHECK(answer.succeeded);
    CHECK(answer.outcome == Outcome::done);
    CHECK(fake.argv() == Words{"delete", "--wait=true", "--output=name", "--filename=-", "--namespace=there"});

    fake.folder.write("deleted", "");
    answer = fake.host->remove("cm", "x", config_map());
    CHECK(answer.succeeded);
    CHECK(answer.outcome == Outcome::unchanged);
    CHECK(fake.folder.lines("calls").size() == 2); // each delete is one process

    fake.folder.write("says", "Error from server (NotFound): namespaces \"there\" not found\n");
    answer = fake.host->remove("cm", "x", config_map());
    CHECK(answer.succeeded);
    CHECK(answer.outcome == Outcome::unchanged);

    fake.folder.write("says", "Error from server (Forbidden): configmaps \"x\" is forbidden: no\n");
    CHECK(fake.host->remove("cm", "x", config_map()).code == Code::forbidden);
    fake.folder.write("says", "The connection to the server h was refused - did you specify the right host or port?\n");
    CHECK(fake.host->remove("cm", "x", config_map()).code == Code::unavailable);
}

TEST_CASE("a kubectl that was removed or killed, or is no kubectl, fails its call with the reason") {
    Fake fake("kill -KILL $$");
    FakeAnswer answer = fake.host->create("cm", "x", config_map());
    CHECK(answer.code == Code::unavailable);
    CHECK(answer.retry == Retry::later);
    CHECK(answer.message == "kubectl was ended by signal 9 (Killed) from outside. The change may have happened.");

    fake.folder.script("echo hello");
    answer = fake.host->get("cm", "x");
    CHECK(answer.code == Code::internal);
    CHECK(answer.message == "kubectl succeeded, but its answer is not a JSON object: is the setting kubectl really a kubectl?");
    fake.folder.script("echo '{}'");
    CHECK(fake.host->list("cm").message == "kubectl succeeded, but its answer is not a list.");
    fake.folder.script("echo '{\"kind\": \"List\", \"items\": []}'");
    CHECK(fake.host->get("category", "x").message == "The type stands for several types at once: ask for one of them.");

    std::filesystem::remove(fake.folder.path() + "/kubectl");
    answer = fake.host->get("cm", "x");
    CHECK(answer.code == Code::internal);
    CHECK_THAT(answer.message, ContainsSubstring("can't be run: No such file or directory. Install kubectl there"));
}

TEST_CASE("a kubectl that hangs is ended at the deadline, or when the call is cancelled") {
    Fake fake("case \"$*\" in *--raw=/version*) exit ;; esac\ntrap '' TERM\nwhile :; do sleep 1000; done");
    FakeCall call;
    call.type = "cm";
    call.name = "x";
    call.deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(3000);
    FakeAnswer answer = fake.host->perform(call);
    CHECK(std::chrono::steady_clock::now() < call.deadline);
    CHECK(answer.code == Code::timeout);
    CHECK(answer.message == "kubectl did not end in time and was stopped.");

    call.deadline = std::chrono::steady_clock::now() + std::chrono::hours(1);
    std::atomic<int> asked{0};
    call.cancelled = [&] { return ++asked > 2; };
    answer = fake.host->perform(call);
    CHECK(answer.code == Code::cancelled);
    while (!children().empty()) std::this_thread::yield(); // one looks whether the cluster answers

    const std::size_t calls = fake.folder.lines("calls").size();
    fake.host->cancel();
    CHECK(fake.host->get("cm", "x").code == Code::cancelled);
    fake.host->resume();
    call.cancelled = {};
    call.deadline = std::chrono::steady_clock::now();
    CHECK(fake.host->perform(call).code == Code::timeout);
    CHECK(fake.folder.lines("calls").size() == calls); // neither was begun
}

TEST_CASE("an apply reads the live object, and then applies on the server") {
    Fake fake("case \"$1\" in get) cat \"$HERE/before\" ;; apply) " + std::string(config_map_answer) + " ;; esac",
              {{"force", true}, {"field_manager", "me"}});
    fake.folder.write("before", "");
    FakeAnswer answer = fake.host->apply("cm", "x", config_map());
    INFO(answer.message);
    CHECK(answer.outcome == Outcome::created);
    CHECK(fake.argv() ==
          Words{"apply", "--server-side=true", "--output=json", "--field-manager=me", "--force-conflicts=true", "--filename=-"});
    fake.folder.write("before", R"({"metadata": {"resourceVersion": "1"}})");
    CHECK(fake.host->apply("cm", "x", config_map()).outcome == Outcome::changed);
    fake.folder.write("before",
                      R"({"kind": "List", "items": [{"metadata": {"resourceVersion": "1"}, "data": {}}]})"); // as 1.20 says it
    CHECK(fake.host->apply("cm", "x", config_map()).outcome == Outcome::changed);
    // another version of what the answer has
    fake.folder.write("before", R"({"apiVersion": "v1", "kind": "ConfigMap", "metadata":
        {"name": "x", "namespace": "n", "uid": "u", "resourceVersion": "1"}})");
    CHECK(fake.host->apply("cm", "x", config_map()).outcome == Outcome::unchanged);
}

TEST_CASE("every write that is a dry run is one for kubectl") {
    Fake fake(config_map_answer);
    FakeCall call;
    call.flags = RSF_CALL_DRY_RUN;
    call.type = "cm";
    call.object = json::serialize(config_map());
    std::size_t calls = 0;
    for (const std::uint32_t verb : {RSF_CREATE, RSF_REPLACE, RSF_DELETE}) {
        call.verb = verb;
        CHECK(fake.host->perform(call).message == "");
        calls += verb == RSF_REPLACE ? 2 : 1; // it looks first
        CHECK(fake.folder.lines("calls").size() == calls);
        CHECK_THAT(fake.folder.lines("calls").back(), ContainsSubstring(" --dry-run=server"));
    }
}

TEST_CASE("no driver is made with settings that can't be used") {
    try {
        FakeHost host(entry, {{"token", "s3cret"}, {"username", "u"}, {"password", "p"}});
        FAIL("a driver was made");
    } catch (const Error &error) {
        CHECK(error.code == Code::invalid);
        CHECK_THAT(error.what(), !ContainsSubstring("s3cret"));
    }
}

TEST_CASE("a thousand calls, many at once, leave no descriptor and no process behind") {
    const Folder folder;
    folder.script("read object; echo '{\"kind\": \"ConfigMap\", \"metadata\": {\"name\": \"x\"}}'; sleep 100000 &");
    const std::size_t before = open_descriptors();
    {
        FakeHost host(entry, {{"kubectl", folder.path() + "/kubectl"}, {"token", "t"}, {"transport", "exec"}});
        CHECK((host.descriptor().flags & RSF_DRIVER_CONCURRENT) != 0);
        std::atomic<int> next{0}, wrong{0};
        std::vector<std::thread> threads;
        for (int t = 0; t < 8; ++t)
            threads.emplace_back([&] {
                while (next++ < 1000) wrong += host.create("cm", "x", config_map()).succeeded ? 0 : 1;
            });
        for (std::thread &thread : threads) thread.join();
        CHECK(wrong == 0);
        CHECK(open_descriptors() == before + 2); // the credentials, and the event that ends a look in the background
    }
    CHECK(open_descriptors() == before);
    CHECK(children().empty());
}

TEST_CASE("what a resource needs is ordered before it, in the target's namespace") {
    FakeHost host(entry, {{"kubectl", "/bin/true"}, {"namespace", "shop"}});
    const auto edges =
        host.order("", {{"cm", "cm", config_map()},
                        {"ns", "ns", parse(R"({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}})")}});
    REQUIRE(edges.size() == 1);
    CHECK(edges[0].first == 1);
    CHECK(edges[0].then == 0);
}
