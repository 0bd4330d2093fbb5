// SPDX-License-Identifier: Apache-2.0
#include "support/catch.hpp"

#include "kubectl/fakes/fake_kubectl.hpp"
#include "kubectl/settings/environment.hpp"

#include <fstream>
#include <sstream>

namespace {

using namespace rsf;
using namespace rsf::kubectl;
using namespace rsf::kubectl::settings;

Settings bare_settings() {
    Settings made;
    made.kubectl = "/usr/bin/kubectl";
    return made;
}

std::string kubeconfig_of(const Settings &chosen, const std::vector<std::string> &host) {
    const Credentials credentials(chosen);
    return variable(Environment(chosen, credentials, host).variables(), "KUBECONFIG");
}

json::value sealed_kubeconfig(const Credentials &credentials) {
    std::ifstream in("/proc/self/fd/" + std::to_string(credentials.inherited().at(0)));
    std::ostringstream text;
    text << in.rdbuf();
    return json::parse(text.str());
}

} // namespace

TEST_CASE("the child gets what it needs of the daemon's environment and nothing else") {
    const Folder home;
    const std::vector<std::string> host{
        "HOME=" + home.path(),          "PATH=/opt/bin", "HTTPS_PROXY=http://p", "AWS_PROFILE=x",    "NOTIFY_SOCKET=/run/n",
        "CREDENTIALS_DIRECTORY=/run/c", "SECRET=s",      "LISTEN_FDS=1",         "LANG=de_DE.UTF-8", "KUBECTL_EXTERNAL_DIFF=x"};
    const Credentials credentials(bare_settings());
    const std::vector<std::string> expected{"HOME=" + home.path(), "PATH=/opt/bin", "HTTPS_PROXY=http://p",
                                            "AWS_PROFILE=x",       "LC_ALL=C",      "KUBERNETES_MASTER=https://no server"};
    CHECK(Environment(bare_settings(), credentials, host).variables() == expected);
    CHECK(variable(Environment(bare_settings(), credentials, {}).variables(), "PATH") == "/usr/local/bin:/usr/bin:/bin");
}

TEST_CASE("a target that names a kubeconfig does not fall back to the pod that the daemon runs in") {
    const std::vector<std::string> host{"KUBERNETES_SERVICE_HOST=10.0.0.1", "KUBERNETES_SERVICE_PORT=443"};
    const auto address = [&](const Settings &chosen) {
        return variable(Environment(chosen, Credentials(chosen), host).variables(), "KUBERNETES_SERVICE_HOST");
    };
    Settings chosen = bare_settings();
    CHECK(address(chosen) == "10.0.0.1");
    chosen.config = "/c";
    CHECK(address(chosen).empty());
}

TEST_CASE("the settings' kubeconfig comes before the file, and a server alone has none of HOME's") {
    const Folder home;
    std::filesystem::create_directory(home.path() + "/.kube");
    const std::string usual = home.write(".kube/config", "");
    const std::vector<std::string> host{"HOME=" + home.path()};
    const std::vector<std::string> named{"HOME=" + home.path(), "KUBECONFIG=/a:/b"};

    Settings chosen = bare_settings();
    CHECK(kubeconfig_of(chosen, {}).empty());
    CHECK(kubeconfig_of(chosen, host) == usual);
    CHECK(kubeconfig_of(chosen, named) == "/a:/b");
    chosen.token = "t";
    CHECK(kubeconfig_of(chosen, {}) == "/proc/self/fd/3");
    CHECK(kubeconfig_of(chosen, host) == "/proc/self/fd/3:" + usual);
    CHECK(kubeconfig_of(chosen, named) == "/proc/self/fd/3:/a:/b");
    chosen.config = "/c";
    CHECK(kubeconfig_of(chosen, named) == "/proc/self/fd/3:/c");
    chosen.token.clear();
    CHECK(kubeconfig_of(chosen, named) == "/c");
    chosen.config.clear();
    chosen.server = "https://s";
    CHECK(kubeconfig_of(chosen, named) == "/dev/null");
    chosen.token = "t";
    CHECK(kubeconfig_of(chosen, named) == "/proc/self/fd/3");
}

TEST_CASE("the cache is the service's, else HOME's, else a folder of the driver's own that goes with it") {
    const Folder service, home, temporary;
    const Credentials credentials(bare_settings());
    const std::string own = "TMPDIR=" + temporary.path();
    CHECK(
        Environment(bare_settings(), credentials, {"CACHE_DIRECTORY=" + service.path(), "HOME=" + home.path()}).cache_folder() ==
        service.path() + "/kubectl");
    CHECK(Environment(bare_settings(), credentials, {"HOME=" + home.path()}).cache_folder() == home.path() + "/.kube/cache");
    for (const std::string name : {"HOME=/nonexistent/\x01", "HOME=/proc/self", "HOME="}) {
        INFO(name);
        std::string folder;
        {
            const Environment environment(bare_settings(), credentials, {name, own});
            folder = environment.cache_folder();
            CHECK(folder.starts_with(temporary.path() + "/resourcifierd-kubectl-"));
            CHECK(std::filesystem::status(folder).permissions() == std::filesystem::perms::owner_all);
        }
        CHECK_FALSE(std::filesystem::exists(folder));
    }
    CHECK(Environment(bare_settings(), credentials, {"TMPDIR=/proc/self"}).cache_folder() == "/dev/null");
}

TEST_CASE("the settings' credentials are a user in a kubeconfig of its own") {
    Settings chosen = bare_settings();
    CHECK_FALSE(Credentials(chosen).any());
    CHECK(Credentials(chosen).inherited().empty());
    chosen.token = "t\"o";
    CHECK(sealed_kubeconfig(Credentials(chosen)) ==
          json::parse(
              R"({"apiVersion": "v1", "kind": "Config", "users": [{"name": "resourcifierd", "user": {"token": "t\"o"}}]})"));
    chosen = bare_settings();
    chosen.username = "u";
    chosen.password = "p";
    chosen.client_certificate = "/c";
    chosen.client_key = "/k";
    CHECK(sealed_kubeconfig(Credentials(chosen)).at("users").at(0).at("user") ==
          json::parse(R"({"username": "u", "password": "p", "client-certificate": "/c", "client-key": "/k"})"));
}

TEST_CASE("a 401 for a user name and a password is explained") {
    Settings chosen = bare_settings();
    chosen.username = "admin";
    chosen.password = "s3cret";
    const Credentials basic(chosen);
    const Error unknown(Code::unauthorized, "The cluster does not know who is asking: s3cret.", Retry::never);
    CHECK_THAT(basic.told(unknown), StartsWith("The cluster does not know who is asking: ***. API servers take no user name") &&
                                        ContainsSubstring("1.19"));
    CHECK(basic.told(Error(Code::forbidden, "no s3cret", Retry::never)) == "no ***");
    chosen = bare_settings();
    chosen.token = "token";
    CHECK(Credentials(chosen).told(unknown) == "The cluster does not know who is asking: s3cret.");
}

TEST_CASE("secrets are masked, as they are and as basic authentication encodes them") {
    Settings chosen = bare_settings();
    chosen.username = "admin";
    chosen.password = "s3cret";
    const Credentials basic(chosen);
    CHECK(basic.without_secrets("a s3cret, s3crets3cret, Basic YWRtaW46czNjcmV0.") == "a ***, ******, Basic ***.");
    chosen = bare_settings();
    chosen.token = "*";
    CHECK(Credentials(chosen).without_secrets("a * b") == "a *** b"); // and ends
    CHECK(Credentials(bare_settings()).without_secrets("a") == "a");
}
