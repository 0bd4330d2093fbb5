// SPDX-License-Identifier: Apache-2.0
#include "support/catch.hpp"

#include "kubectl/fakes/fake_kubectl.hpp"
#include "kubectl/settings/settings.hpp"
#include "kubectl/settings/settings_schema.hpp"

namespace {

using namespace rsf;
using namespace rsf::kubectl;
using namespace rsf::kubectl::settings;

std::string settings_refusal(json::object settings, const std::string &path) {
    try {
        read_settings(settings, path);
    } catch (const Error &error) {
        CHECK(error.code == Code::invalid);
        CHECK(error.retry == Retry::never);
        return error.what();
    }
    return "taken";
}

} // namespace

TEST_CASE("kubectl is found on PATH, past what can't be executed, and never in a relative folder") {
    const Folder empty, plain, real;
    plain.write("kubectl", "", 0600);
    const std::string script = real.script("exit 0");
    const std::string path = "::." + std::string(":relative:") + empty.path() + ":" + plain.path() + ":" + real.path();
    CHECK(read_settings({}, path).kubectl == script);
    CHECK(read_settings({{"kubectl", ""}}, path).kubectl == script);
    CHECK(read_settings({{"kubectl", script}}, "").kubectl == script);
    CHECK(settings_refusal({}, empty.path()) == "There is no \"kubectl\" on PATH (" + empty.path() +
                                                    "): install kubectl, or give its absolute path as the setting kubectl.");
}

TEST_CASE("an address becomes a URL, https unless it says otherwise") {
    const Folder folder;
    folder.script("exit 0");
    const auto server = [&](json::object settings) {
        settings["token"] = "t";
        return read_settings(settings, folder.path()).server;
    };
    CHECK(server({{"server", "10.0.0.1"}}) == "https://10.0.0.1");
    CHECK(server({{"server", "10.0.0.1:6443"}}) == "https://10.0.0.1:6443");
    CHECK(server({{"server", "[::1]:6443"}}) == "https://[::1]:6443");
    CHECK(server({{"server", "http://localhost:8080"}}) == "http://localhost:8080");
    CHECK(server({{"server", "https://rancher.example.org/k8s/clusters/c-1"}}) == "https://rancher.example.org/k8s/clusters/c-1");
    CHECK(server({{"service", "kubernetes"}}) == "https://kubernetes");
    CHECK(server({{"service", "kubernetes.default.svc:6443"}}) == "https://kubernetes.default.svc:6443");
    CHECK(server({}).empty());
}

TEST_CASE("the time limit of a request is read with its unit") {
    const Folder folder;
    folder.script("exit 0");
    const auto time = [&](const char *text) {
        return read_settings({{"request_timeout", text}}, folder.path()).request_timeout.count();
    };
    CHECK(time("") == 0);
    CHECK(time("10") == 10'000);
    CHECK(time("250ms") == 250);
    CHECK(time("10s") == 10'000);
    CHECK(time("2m") == 120'000);
    CHECK(time("24h") == 86'400'000);
}

TEST_CASE("settings that contradict themselves or can't be used are refused with a sentence") {
    const Folder folder;
    folder.script("exit 0");
    const std::string file = folder.write("file", "");
    const std::string missing = folder.path() + "/missing";
    struct Row {
        const char *name;
        json::object settings;
        std::string sentence; // a part of it
    };
    const Row rows[] = {
        {"kubectl is a folder", {{"kubectl", folder.path()}}, "not a file that can be executed"},
        {"kubectl is not executable",
         {{"kubectl", file}},
         "The setting kubectl names " + file + ", which is not a file that can be executed"},
        {"kubectl is relative",
         {{"kubectl", "./kubectl"}},
         "must be an absolute path, or a name to be found on PATH, not \"./kubectl\""},
        {"no file",
         {{"config", missing}},
         "The setting config names " + missing + ", which can't be read: No such file or directory."},
        {"relative file", {{"config", "kubeconfig"}}, "The setting config must be an absolute path, not \"kubeconfig\"."},
        {"a folder", {{"certificate_authority", folder.path()}}, "which is a folder"},
        {"two files", {{"config", file + ":" + file}}, "The setting config must be one file"},
        {"service and server",
         {{"service", "a"}, {"server", "b"}},
         "The settings service and server both say where the cluster is"},
        {"insecure with an authority",
         {{"insecure_skip_tls_verify", true}, {"certificate_authority", file}},
         "makes certificate_authority useless"},
        {"token and username",
         {{"token", "s3cret"}, {"username", "u"}, {"password", "p"}},
         "The settings token and username both say who is asking"},
        {"username alone", {{"username", "u"}}, "The settings username and password go together"},
        {"password alone", {{"password", "s3cret"}}, "The settings username and password go together"},
        {"certificate alone", {{"client_certificate", file}}, "The settings client_certificate and client_key go together"},
        {"key is missing", {{"client_certificate", file}, {"client_key", missing}}, "The setting client_key names " + missing},
        {"nobody asks", {{"server", "host"}}, "not who is asking: add token"},
        {"context without a file", {{"context", "c"}, {"server", "s"}}, "add config, or remove context"},
        {"user in the URL", {{"server", "https://u:s3cret@host"}}, "The setting server must not hold a user or a password"},
        {"another scheme", {{"server", "ftp://host"}}, "that starts with https:// or http://"},
        {"no host", {{"server", "https:///x"}}, "The setting server must be an address"},
        {"space in the server", {{"server", "a b"}}, "The setting server must be an address"},
        {"service with a path", {{"service", "a/b"}}, "The setting service must be a DNS name"},
        {"service with a bad port", {{"service", "a:x"}}, "The setting service must be a DNS name"},
        {"service with port 0", {{"service", "a:0"}}, "The setting service must be a DNS name"},
        {"service like a flag", {{"service", "-a"}}, "The setting service must be a DNS name"},
        {"end of line in the token",
         {{"token", "s3cret\n"}},
         "The setting token holds a control character, such as the end of a line"},
        {"token is a number", {{"token", 5}}, "The setting token must be a string."},
        {"flag is a string",
         {{"insecure_skip_tls_verify", "yes"}},
         "The setting insecure_skip_tls_verify must be true or false."},
        {"namespace", {{"namespace", "Default"}}, "The setting namespace \"Default\" can't be one"},
        {"time without a number", {{"request_timeout", "soon"}}, "The setting request_timeout must be a whole number"},
        {"time with an unknown unit", {{"request_timeout", "5d"}}, "The setting request_timeout must be a whole number"},
        {"negative time", {{"request_timeout", "-5s"}}, "The setting request_timeout must be a whole number"},
        {"time beyond measure",
         {{"request_timeout", "99999999999999999h"}},
         "The setting request_timeout must be a whole number"},
    };
    for (const Row &row : rows) {
        INFO(row.name);
        const std::string sentence = settings_refusal(row.settings, folder.path());
        CHECK_THAT(sentence, ContainsSubstring(row.sentence));
        CHECK_THAT(sentence, !ContainsSubstring("s3cret"));
    }
}

TEST_CASE("a kubeconfig that does not say where the cluster is is refused, since kubectl would ask localhost:8080") {
    const Folder folder;
    folder.script("exit 0");
    const std::string fifo = folder.path() + "/fifo";
    REQUIRE(::mkfifo(fifo.c_str(), 0600) == 0);
    struct Row {
        const char *name, *text;
        json::object more;
        std::string fault; // empty: it is taken
    };
    const json::object with_server{{"server", "http://localhost:1"}};
    const Row rows[] = {
        {"whole", whole_kubeconfig, {}, ""},
        {"as JSON",
         R"({"contexts": [{"name": "a", "context": {"cluster": "c"}}], "clusters": [{"name": "c", "cluster":)"
         R"( {"server": "x"}}], "current-context": "a"})",
         {},
         ""},
        {"empty", "", {}, "is empty."},
        {"a comment", "# to be written\n", {}, "is empty."},
        {"a text", "one", {}, "is not a kubeconfig: it holds no mapping."},
        {"no YAML", "a: 1\nb: [", {}, "is not YAML: correct its line "},
        {"nothing of it", "apiVersion: v1\nkind: Config\n", {}, "has no current-context: name one there"},
        {"no current context", "contexts: [{name: a, context: {cluster: c}}]", {}, "has no current-context"},
        {"a context that is not there", "current-context: b\ncontexts: [{name: a}]", {}, "has no context \"b\"."},
        {"the setting's is not there", whole_kubeconfig, {{"context", "b"}}, "has no context \"b\"."},
        {"a context of no cluster",
         "current-context: a\ncontexts: [{name: a, context: {user: u}}]",
         {},
         "names no cluster in its context \"a\"."},
        {"a context that is a text", "current-context: a\ncontexts: [{name: a, context: c}]", {}, "names no cluster"},
        {"no such cluster",
         "current-context: a\ncontexts: [{name: a, context: {cluster: c}}]\nclusters: []",
         {},
         "has no cluster \"c\", which its context \"a\" names."},
        {"a cluster without a server",
         "current-context: a\ncontexts: [{name: a, context: {cluster: c}}]\nclusters: [{name: c, cluster: {}}]",
         {},
         "names no server in its cluster \"c\"."},
        {"the setting server stands for the cluster", "users: []", with_server, ""},
        {"empty in spite of a server", "", with_server, "is empty."},
        {"the setting's context is not there, in spite of a server",
         "users: []",
         {{"server", "http://localhost:1"}, {"context", "b"}},
         "has no context \"b\"."},
    };
    for (const Row &row : rows) {
        INFO(row.name);
        json::object settings = row.more;
        const std::string file = folder.write("config", row.text);
        settings["config"] = file;
        const std::string sentence = settings_refusal(settings, folder.path());
        if (row.fault.empty())
            CHECK(sentence == "taken");
        else
            CHECK_THAT(sentence, StartsWith("The setting config names " + file + ", which " + row.fault));
    }
    CHECK_THAT(settings_refusal({{"config", fifo}}, folder.path()), ContainsSubstring(fifo + ", which is not a regular file."));
    CHECK_THAT(settings_refusal({{"config", folder.write("config", std::string(1U << 20U, '#') + "\n")}}, folder.path()),
               ContainsSubstring("which is longer than 1 MiB."));
    CHECK_THAT(settings_refusal({{"client_certificate", fifo}, {"client_key", fifo}}, folder.path()),
               ContainsSubstring("The setting client_certificate names " + fifo + ", which is not a regular file."));
}

TEST_CASE("the schema describes every setting, gives each a default and hides the secrets") {
    const json::value schema = json::parse(settings_schema);
    const json::object &properties = schema.at("properties").as_object();
    CHECK(properties.size() == 17);
    for (const auto &property : properties) {
        INFO(std::string(property.key()));
        const json::object &rules = property.value().as_object();
        CHECK(rules.contains("default"));
        CHECK_FALSE(rules.at("description").as_string().empty());
        CHECK(rules.contains("writeOnly") == (property.key() == "token" || property.key() == "password"));
    }
    CHECK(schema.at("additionalProperties") == false);
}
