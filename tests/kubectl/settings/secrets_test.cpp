// SPDX-License-Identifier: Apache-2.0
//
// What the driver keeps out of errors and logs, and how Secrets are sent. Texts of API servers are captured: 1.20.2 unless a row
// says otherwise.
#include "support/catch.hpp"

#include "kubectl/api/bodies/string_data.hpp"
#include "kubectl/errors/go_values.hpp"
#include "kubectl/fakes/fakes.hpp"
#include "kubectl/settings/credential_shapes.hpp"
#include "kubectl/settings/kubeconfig_secrets.hpp"

namespace {

using namespace rsf::kubectl;
using namespace rsf::kubectl::api;
using namespace rsf::kubectl::errors;
using namespace rsf::kubectl::settings;

const rsf_entry &driver = driver_entry<kubectl::KubectlDriver>;

json::object object_of(std::string_view text) { return json::parse(text).as_object(); }

json::object a_secret(const char *more) {
    json::object object = object_of(R"({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "login"}})");
    for (auto &member : object_of(more)) object[member.key()] = member.value();
    return object;
}

constexpr const char *long_password = "a-long-password-1";

} // namespace

TEST_CASE("Go's internal values are replaced by words") {
    struct Row {
        const char *what, *text, *result;
    };
    const Row rows[] = {
        {"a number where apply wants a string", ".stringData.pw: expected string, got &value.valueUnstructured{Value:918273645}",
         ".stringData.pw: expected string, got a number"},
        {"a mapping",
         "errors: .data.a: expected string, got &value.valueUnstructured{Value:map[string]interface {}{\"x\":\"a}b\"}} and more",
         "errors: .data.a: expected string, got a mapping and more"},
        {"a list", "got &value.valueUnstructured{Value:[]interface {}{\"a\", \"b\"}}", "got a list"},
        {"a boolean", "got &value.valueUnstructured{Value:true}", "got a boolean"},
        {"a text", "got &value.valueUnstructured{Value:\"hunter2\"}", "got a string"},
        {"nothing", "got &value.valueUnstructured{Value:interface {}(nil)}", "got nothing"},
        {"cut off", "got &value.valueUnstructured{Value:map[string]interface {}{\"x\":\"hun", "got a mapping"},
        {"a difference",
         "spec: Forbidden: is immutable after creation\n\u00a0\u00a0core.PersistentVolumeClaimSpec{\n\u00a0\u00a0\t... // 2 "
         "fields\n- "
         "\tResources: core.R{Limits: nil},\n+ \tResources: core.R{Limits: {\"a\": \"1\"}},\n  \tVolume: \"\",\n\u00a0\u00a0}\n",
         "spec: Forbidden: is immutable after creation"},
        {"a difference with plain blanks, and more", "a: no\n  []v1.Port{\n- \t{P: 1},\n  }\n, b: no", "a: no\n, b: no"},
        {"a difference that is cut off", "a: no\n  core.PodSpec{\n- \tNode: \"hunter2", "a: no"},
        {"a list of causes", "* a: no {\n  b: no\n- c (\n  }", "* a: no {\n  b: no\n- c (\n  }"},
        {"the type alone", ".ports[0].containerPort: expected numeric (int or float), got *value.valueUnstructured, and so on",
         ".ports[0].containerPort: expected numeric (int or float), got a value of another type, and so on"},
        {"a wrapped text as %v writes it", ".spec: expected map, got &{x}", ".spec: expected map, got a value of another type"},
        {"a wrapped list as %v writes it", ".spec.template: expected map, got &{[1]}",
         ".spec.template: expected map, got a list"},
        {"a wrapped text with brackets", "errors:\n  .spec: expected map, got &{x}y\"}\n  .b: got &{[1}]}",
         "errors:\n  .spec: expected map, got a value of another type\n  .b: got a list"},
        {"people's stars", "a *b* and 2*3, *c", "a *b* and 2*3, *c"},
        {"a whole object", "no kind in &unstructured.Unstructured{Object:map[string]interface {}{\"data\":\"x\"}}",
         "no kind in an object"},
        {"as %v writes it", "Object: &{map[apiVersion:v1 data:map[a:b c:d]]}\nfor", "Object: an object\nfor"},
        {"a map as %v writes it", "labels map[a:b c:d] differ", "labels a mapping differ"},
        {"of a type",
         "spec.selector: Invalid value: v1.LabelSelector{MatchLabels:map[string]string{\"app\":\"x\"}, "
         "MatchExpressions:[]v1.LabelSelectorRequirement(nil)}: field is immutable",
         "spec.selector: Invalid value: an object: field is immutable"},
        {"labels", "metadata.labels: Invalid value: map[string]string{\"a\":\"c\"}: `selector` does not match",
         "metadata.labels: Invalid value: a mapping: `selector` does not match"},
        {"pointers", "got (*v1.Pod)(nil) or (*int32)(0xc000123450)", "got an object or an object"},
        {"an object without a kind", "Object 'Kind' is missing in '{\"apiVersion\":\"v1\",\"data\":{\"p\":\"it's hunter2\"}}'",
         "Object 'Kind' is missing"},
        {"people's braces", "a {b} [c] (d) e.f {g}; x[0].y: bad", "a {b} [c] (d) e.f {g}; x[0].y: bad"},
        {"a path", "spec.containers[0].env[1]: Required value", "spec.containers[0].env[1]: Required value"},
        {"in quotes", "unknown field \"a.b{c}\"", "unknown field \"a.b{c}\""},
        {"a quote alone", "it is 5\" long, v1.Pod{x}", "it is 5\" long, an object"},
        {"nothing of it", "", ""},
    };
    for (const Row &row : rows) {
        INFO(row.what);
        CHECK(without_go_values(row.text) == row.result);
    }
}

TEST_CASE("what looks like a credential is not shown") {
    struct Row {
        const char *what, *text, *result;
    };
    const Row rows[] = {
        {"an ExecCredential",
         R"(x {"kind":"ExecCredential","status":{"token":"abc.def","clientKeyData": "xyz","expirationTimestamp":"2030"}} y)",
         R"(x {"kind":"ExecCredential","status":{"token":"***","clientKeyData": "***","expirationTimestamp":"2030"}} y)"},
        {"escaped", R"(msg="{\"token\":\"abc\",\"a\":\"b\"}")", R"(msg="{\"token\":\"***\",\"a\":\"b\"}")"},
        {"with a quote in it", R"({"token": "a\"b", "c": "d"})", R"({"token": "***", "c": "d"})"},
        {"cut off", R"({"access_token": "abc)", R"({"access_token": "***)"},
        {"a web token", "got eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl, no", "got ***, no"},
        {"a private key", "a -----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----\n b", "a ***\n b"},
        {"a private key that is cut off", "a -----BEGIN PRIVATE KEY-----\nMIIE", "a ***"},
        {"a certificate", "-----BEGIN CERTIFICATE-----\nMIIE\n-----END CERTIFICATE-----",
         "-----BEGIN CERTIFICATE-----\nMIIE\n-----END CERTIFICATE-----"},
        {"a header", "Authorization: Bearer abcdef0123456789", "Authorization: Bearer ***"},
        {"words", "Basic authentication, Bearer credentials; token: expired; eyJ; \"token\": 5; \"user\": \"x\"",
         "Basic authentication, Bearer credentials; token: expired; eyJ; \"token\": 5; \"user\": \"x\""},
        {"a colon first", ": \"x\"", ": \"x\""},
        {"nothing", "", ""},
    };
    for (const Row &row : rows) {
        INFO(row.what);
        CHECK(without_credential_shapes(row.text) == row.result);
    }
}

TEST_CASE("stringData becomes data, as the API server has it") {
    struct Row {
        const char *what, *posted, *sent;
    };
    const Row rows[] = {
        {"alone", R"({"stringData": {"a": "x", "b": ""}})", R"({"data": {"a": "eA==", "b": ""}})"},
        {"over data", R"({"data": {"a": "eQ==", "c": "eg=="}, "stringData": {"a": "x"}})",
         R"({"data": {"a": "eA==", "c": "eg=="}})"},
        {"null", R"({"data": null, "stringData": {"a": null}})", R"({"data": {"a": ""}})"},
        {"nothing in it", R"({"stringData": {}})", "{}"},
        {"null itself", R"({"stringData": null, "data": {"a": "eA=="}})", R"({"data": {"a": "eA=="}})"},
        {"no stringData", R"({"data": {"a": "no base64"}})", R"({"data": {"a": "no base64"}})"},
    };
    for (const Row &row : rows) {
        INFO(row.what);
        json::object object = a_secret(row.posted);
        store_string_data(object);
        CHECK(object == a_secret(row.sent));
    }
    json::object other = object_of(R"({"apiVersion": "example.com/v1", "kind": "Secret", "stringData": {"a": 5}})");
    const json::object as_posted = other;
    store_string_data(other);
    CHECK(other == as_posted);
}

TEST_CASE("an entry that is not a string is refused with its path and without its value") {
    struct Row {
        const char *what, *posted, *place, *is;
    };
    const Row rows[] = {
        {"a number", R"({"stringData": {"pw": 918273645}})", "stringData.pw", "a number"},
        {"a boolean", R"({"stringData": {"pw": true}})", "stringData.pw", "a boolean"},
        {"a list", R"({"stringData": {"pw": ["918273645"]}})", "stringData.pw", "a list"},
        {"a mapping", R"({"data": {"pw": {"918273645": "x"}}})", "data.pw", "a mapping"},
        {"a number in data", R"({"data": {"pw": 918273645}})", "data.pw", "a number"},
        {"all of it", R"({"stringData": "918273645"})", "stringData", "a string"},
    };
    for (const Row &row : rows)
        for (const char *transport : {"proxy", "exec"})
            for (const auto verb : {&FakeHost::create, &FakeHost::replace, &FakeHost::apply}) {
                INFO(row.what << ", " << transport);
                FakeApi api;
                FakeHost host(driver, {{"kubectl", api.kubectl()}, {"server", "http://localhost:1"}, {"transport", transport}});
                const FakeAnswer answer = (host.*verb)("Secret", "login", a_secret(row.posted));
                CHECK(answer.code == Code::invalid);
                CHECK_THAT(answer.message,
                           ContainsSubstring(row.place) && ContainsSubstring(row.is) && !ContainsSubstring("918273645"));
                CHECK(answer.details.at("causes").at(0).at("field") == row.place);
                CHECK_THAT(json::serialize(answer.details), !ContainsSubstring("918273645"));
                for (const std::string &request : api.requests()) CHECK_THAT(request, !ContainsSubstring("secrets"));
            }
}

TEST_CASE("every write sends data, never stringData") {
    const json::object posted = a_secret(R"({"stringData": {"password": "a-long-password-1"}})");
    const json::object data{{"password", "YS1sb25nLXBhc3N3b3JkLTE="}};
    for (const auto verb : {&FakeHost::create, &FakeHost::replace, &FakeHost::apply}) {
        FakeApi api([&](const FakeRequest &request) {
            if (request.target.find("/secrets") == std::string::npos) return FakeReply{0, {}};
            return ok(a_secret(R"({"metadata": {"name": "login", "resourceVersion": "1"}})"));
        });
        FakeHost host(driver, {{"kubectl", api.kubectl()}, {"server", "http://localhost:1"}, {"namespace", "there"}});
        const FakeAnswer answer = (host.*verb)("Secret", "login", posted);
        INFO(answer.message);
        CHECK(answer.succeeded);
        const json::object sent = object_of(api.last().body);
        CHECK(sent.at("data") == data);
        CHECK_FALSE(sent.contains("stringData"));
    }
    Folder folder;
    FakeHost host(driver, {{"kubectl", folder.script("cat > \"$HERE/stdin\"; cat \"$HERE/stdin\"")},
                           {"server", "http://localhost:1"},
                           {"transport", "exec"}});
    for (const auto verb : {&FakeHost::create, &FakeHost::replace, &FakeHost::apply}) {
        CHECK((host.*verb)("Secret", "login", posted).succeeded);
        const json::object sent = object_of(folder.read("stdin"));
        CHECK(sent.at("data") == data);
        CHECK_FALSE(sent.contains("stringData"));
    }
}

TEST_CASE("an error of the cluster quotes nothing that was posted as a secret") {
    struct Row {
        const char *way, *quoted;
    };
    const Row rows[] = {
        {"as it is", "a-long-password-1"},
        {"within a text", "redis://:a-long-password-1@db"},
        {"as base64", "YS1sb25nLXBhc3N3b3JkLTE="},
        {"as base64 of more", "YWRtaW46YS1sb25nLXBhc3N3b3JkLTE="},
        {"as JSON", R"({\"p\":\"a-long-password-1\"})"},
        {"as Go writes it", R"(&value.valueUnstructured{Value:"a-long-password-1"})"},
        {"a short one, as a value", R"(Invalid value: "hunter2": no)"},
        {"of several lines, in a place",
         "x\nThe Secret \"y\" is invalid: data[one: lines-1\n\nWarning: lines-2\n* two: lines-3]: no"},
        {"as Go quotes it", R"(Invalid value: "Hunter2\x1b\xc3\xa9lines-4": no)"},
    };
    const json::object posted = a_secret(R"({"stringData": {"password": "a-long-password-1", "short": "hunter2",
        "lines": "one: lines-1\n\nWarning: lines-2\n* two: lines-3", "control": "Hunter2\u001b\u00e9lines-4"}})");
    const auto check = [](const FakeHost &host, const FakeAnswer &answer) {
        CHECK_FALSE(answer.succeeded);
        std::string said = answer.message + json::serialize(answer.details);
        for (const FakeLine &line : host.log()) said += line.message;
        CHECK_THAT(said, ContainsSubstring("data.password"));
        CHECK_THAT(said,
                   !ContainsSubstring(long_password) && !ContainsSubstring("YS1sb25nLXBh") && !ContainsSubstring("hunter2"));
        CHECK_THAT(said, !ContainsSubstring("valueUnstructured") && !ContainsSubstring("lines-"));
    };
    for (const Row &row : rows) {
        INFO(row.way);
        const std::string words = std::string("data.password: ") + row.quoted;
        FakeApi api([&](const FakeRequest &request) {
            if (request.target.find("/secrets") == std::string::npos) return FakeReply{0, {}};
            FakeReply reply = refusal(422, "Invalid", "Secret \"login\" is invalid: " + words,
                                      {{"causes", json::array{json::object{{"field", "data.password"}, {"message", words}}}}});
            reply.headers.emplace_back("Warning", "299 - \"beware of a-long-password-1\"");
            return reply;
        });
        FakeHost proxied(driver, {{"kubectl", api.kubectl()}, {"server", "http://localhost:1"}, {"namespace", "there"}});
        check(proxied, proxied.create("Secret", "login", posted));

        Folder folder;
        folder.write("said", "Warning: beware of a-long-password-1\nThe Secret \"login\" is invalid: " + words + "\n");
        FakeHost run(driver, {{"kubectl", folder.script("cat \"$HERE/said\" >&2; exit 1")},
                              {"server", "http://localhost:1"},
                              {"transport", "exec"}});
        check(run, run.create("Secret", "login", posted));
        // Who fails in a batch may quote another's.
        const json::object other = object_of(R"({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x"}})");
        FakeCall first, second;
        first.verb = second.verb = RSF_CREATE;
        first.type = "Secret";
        first.name = "login";
        first.object = json::serialize(posted);
        second.type = "ConfigMap";
        second.name = "x";
        second.object = json::serialize(other);
        for (const FakeAnswer &answer : run.batch({first, second})) check(run, answer);
    }
}

TEST_CASE("a long secret that is a key as well is hidden as a whole, not cut before it is looked for") {
    std::string secret = "start-of-a-long-secret-";
    while (secret.size() < 166) secret += static_cast<char>('a' + secret.size() % 26);
    FakeApi api([&](const FakeRequest &request) {
        if (request.target == "/version") return ok({{"major", "1"}, {"minor", "20"}});
        if (request.target == "/openapi/v2")
            return ok(
                json::parse(R"({"definitions": {"s": {"properties": {"apiVersion": {}, "kind": {}, "metadata": {}, "data": {}},)"
                            R"( "x-kubernetes-group-version-kind": [{"group": "", "version": "v1", "kind": "Secret"}]}}})"));
        return FakeReply{0, {}};
    });
    FakeHost host(driver, {{"kubectl", api.kubectl()}, {"server", "http://localhost:1"}, {"namespace", "there"}});
    json::object posted = a_secret("{}");
    posted["stringData"] = json::object{{"a", secret}};
    posted[secret] = "x";
    const FakeAnswer answer = host.create("Secret", "login", posted);
    CHECK_THAT(answer.message, ContainsSubstring("unknown field"));
    CHECK_THAT(answer.message + json::serialize(answer.details), !ContainsSubstring("start-of-a-long-secret"));
}

TEST_CASE("secrets that kubectl uses are in no error and no line of the log, and are read again when they change") {
    const auto kubeconfig = [](const std::string &n) {
        return "apiVersion: v1\nkind: Config\nclusters: [{name: c, cluster: {server: 'http://localhost:1', proxy-url: "
               "'http://me:pr0xy-pass" +
               n +
               "@proxy:3128'}}]\ncontexts: [{name: x, context: {cluster: c, user: u}}]\ncurrent-context: x\nusers:\n- name: u\n  "
               "user:\n"
               "    token: \"t0ken-of-kubeconfig" +
               n + "\"\n    tokenFile: token-file\n    password: >-\n      passw0rd-kubeconfig" + n +
               "\n    client-key-data: Y2xpZW50LWtleS1pbi1iYXNlNjQ" + (n == "1" ? "x" : "y") +
               "\n    exec:\n      command: x\n      args: [get, --client-secret=arg-secret-value" + n +
               ", --api-token, other-arg-value" + n +
               ", --cluster-name, not-a-secret-name]\n      env: [{name: MY, value: env-secret-value" + n +
               "}]\n    auth-provider: {name: oidc, config: {id-token: oidc-token-value" + n +
               ", idp-issuer-url: 'https://issuer.example.com'}}\n";
    };
    const std::vector<std::string> secrets{"t0ken-of-kubeconfig", "passw0rd-kubeconfig", "pr0xy-pass",
                                           "arg-secret-value",    "other-arg-value",     "env-secret-value",
                                           "oidc-token-value",    "file-token-value",    "Y2xpZW50LWtleS1pbi1iYXNlNjQ"};
    const auto said = [&](const std::string &n) {
        std::string text = "not-a-secret-name https://issuer.example.com";
        for (const std::string &secret : secrets) text += " " + secret + (secret.starts_with("Y2x") ? (n == "1" ? "x" : "y") : n);
        return text;
    };
    for (const std::string transport : {"proxy", "exec"}) {
        INFO(transport);
        FakeApi api;
        const auto say = [&](const std::string &text) {
            api.set([text](const FakeRequest &request) {
                return request.target.find("/secrets") == std::string::npos ? FakeReply{0, {}}
                                                                            : refusal(401, "Unauthorized", text);
            });
            api.folder.write("said", "Warning: " + text + "\nerror: You must be logged in to the server (" + text + ")\n");
        };
        const std::string config = api.folder.write("config", kubeconfig("1"));
        api.folder.write("token-file", "file-token-value1\n");
        const std::string kubectl =
            transport == "proxy" ? api.kubectl() : api.folder.script("cat \"$HERE/said\" >&2; exit 1", "failing-kubectl");
        FakeHost host(driver, {{"kubectl", kubectl}, {"config", config}, {"namespace", "there"}, {"transport", transport}});
        for (const std::string n : {"1", "2"}) {
            if (n == "2") {
                api.folder.write("config.new", kubeconfig("2"));
                std::filesystem::rename(api.folder.path() + "/config.new", config);
                api.folder.write("token-new", "file-token-value2\n");
                std::filesystem::rename(api.folder.path() + "/token-new", api.folder.path() + "/token-file");
            }
            for (const std::string &quoted : {n, std::string("1")}) { // who was asked before the change may answer after it
                say(said(quoted));
                const FakeAnswer answer = host.get("secrets", "x");
                std::string all = answer.message + json::serialize(answer.details);
                for (const FakeLine &line : host.log()) all += "\n" + line.message;
                INFO(all);
                CHECK_FALSE(answer.succeeded);
                for (const std::string &secret : secrets) CHECK_THAT(all, !ContainsSubstring(secret));
                CHECK_THAT(answer.message,
                           ContainsSubstring("***") && ContainsSubstring("not-a-secret-name https://issuer.example.com"));
            }
        }
    }
}

TEST_CASE("a kubeconfig that is no kubeconfig, or has no end, is not read") {
    Folder folder;
    for (const char *text : {"", ",", "a: [", "a: &a [*a, *a]", "a: &a {b: *a}", "users: 5", "users: [[[[[[x]]]]]]",
                             "token: [a-secret-in-a-list]"}) {
        INFO(text);
        KubeconfigSecrets secrets({folder.write("config", text), folder.path() + "/absent", folder.path()},
                                  {"TOKEN=token-of-variable", "X", "=", "HTTPS_PROXY=http://a:pass-of-proxy@b"});
        CHECK(secrets.hide("token-of-variable pass-of-proxy other") == "*** *** other");
    }
}

TEST_CASE("credentials that a credential program writes to standard error are not shown") {
    Folder folder;
    folder.write(
        "said",
        R"(error: You must be logged in to the server (getting credentials: exec: {"kind":"ExecCredential","status":{"token":"fresh-from-the-plugin"}} decoding stdout: x))");
    FakeHost host(
        driver,
        {{"kubectl", folder.script("cat \"$HERE/said\" >&2; exit 1")}, {"server", "http://localhost:1"}, {"transport", "exec"}});
    const FakeAnswer answer = host.get("cm", "x");
    CHECK(answer.code == Code::unauthorized);
    CHECK_THAT(answer.message, ContainsSubstring("ExecCredential") && !ContainsSubstring("fresh-from-the-plugin"));
}
