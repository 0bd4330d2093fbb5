// SPDX-License-Identifier: Apache-2.0
#include "support/catch.hpp"

#include "environment.hpp"
#include "fake_kubectl.hpp"

#include <fstream>
#include <sstream>

namespace {

using namespace rsf;
using namespace rsf::kubectl;

Settings settings() {
    Settings made;
    made.kubectl = "/usr/bin/kubectl";
    return made;
}

std::string kubeconfig_of(const Settings &read, const std::vector<std::string> &host) {
    const Credentials credentials(read);
    return variable(Environment(read, credentials, host).variables(), "KUBECONFIG");
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
    const Credentials credentials(settings());
    const std::vector<std::string> expected{"HOME=" + home.path(), "PATH=/opt/bin", "HTTPS_PROXY=http://p",
                                            "AWS_PROFILE=x",       "LC_ALL=C",      "KUBERNETES_MASTER=https://no server"};
    CHECK(Environment(settings(), credentials, host).variables() == expected);
    CHECK(variable(Environment(settings(), credentials, {}).variables(), "PATH") == "/usr/local/bin:/usr/bin:/bin");
}

TEST_CASE("a target that names a kubeconfig does not fall back to the pod that the daemon runs in") {
    const std::vector<std::string> host{"KUBERNETES_SERVICE_HOST=10.0.0.1", "KUBERNETES_SERVICE_PORT=443"};
    const auto address = [&](const Settings &read) {
        return variable(Environment(read, Credentials(read), host).variables(), "KUBERNETES_SERVICE_HOST");
    };
    Settings read = settings();
    CHECK(address(read) == "10.0.0.1");
    read.config = "/c";
    CHECK(address(read).empty());
}

TEST_CASE("the settings' kubeconfig comes before the file, and a server alone has none of HOME's") {
    const Folder home;
    std::filesystem::create_directory(home.path() + "/.kube");
    const std::string usual = home.write(".kube/config", "");
    const std::vector<std::string> host{"HOME=" + home.path()};
    const std::vector<std::string> named{"HOME=" + home.path(), "KUBECONFIG=/a:/b"};

    Settings read = settings();
    CHECK(kubeconfig_of(read, {}).empty());
    CHECK(kubeconfig_of(read, host) == usual);
    CHECK(kubeconfig_of(read, named) == "/a:/b");
    read.token = "t";
    CHECK(kubeconfig_of(read, {}) == "/proc/self/fd/3");
    CHECK(kubeconfig_of(read, host) == "/proc/self/fd/3:" + usual);
    CHECK(kubeconfig_of(read, named) == "/proc/self/fd/3:/a:/b");
    read.config = "/c";
    CHECK(kubeconfig_of(read, named) == "/proc/self/fd/3:/c");
    read.token.clear();
    CHECK(kubeconfig_of(read, named) == "/c");
    read.config.clear();
    read.server = "https://s";
    CHECK(kubeconfig_of(read, named) == "/dev/null");
    read.token = "t";
    CHECK(kubeconfig_of(read, named) == "/proc/self/fd/3");
}

TEST_CASE("the cache is the service's, else HOME's, else a folder of the driver's own that goes with it") {
    const Folder service, home, temporary;
    const Credentials credentials(settings());
    const std::string own = "TMPDIR=" + temporary.path();
    CHECK(Environment(settings(), credentials, {"CACHE_DIRECTORY=" + service.path(), "HOME=" + home.path()}).cache_folder() ==
          service.path() + "/kubectl");
    CHECK(Environment(settings(), credentials, {"HOME=" + home.path()}).cache_folder() == home.path() + "/.kube/cache");
    for (const std::string name : {"HOME=/nonexistent/\x01", "HOME=/proc/self", "HOME="}) {
        INFO(name);
        std::string folder;
        {
            const Environment environment(settings(), credentials, {name, own});
            folder = environment.cache_folder();
            CHECK(folder.starts_with(temporary.path() + "/resourcifierd-kubectl-"));
            CHECK(std::filesystem::status(folder).permissions() == std::filesystem::perms::owner_all);
        }
        CHECK_FALSE(std::filesystem::exists(folder));
    }
    CHECK(Environment(settings(), credentials, {"TMPDIR=/proc/self"}).cache_folder() == "/dev/null");
}

TEST_CASE("who is asking is a user in a kubeconfig of its own") {
    Settings read = settings();
    CHECK_FALSE(Credentials(read).any());
    CHECK(Credentials(read).inherited().empty());
    read.token = "t\"o";
    CHECK(sealed_kubeconfig(Credentials(read)) ==
          json::parse(
              R"({"apiVersion": "v1", "kind": "Config", "users": [{"name": "resourcifierd", "user": {"token": "t\"o"}}]})"));
    read = settings();
    read.username = "u";
    read.password = "p";
    read.client_certificate = "/c";
    read.client_key = "/k";
    CHECK(sealed_kubeconfig(Credentials(read)).at("users").at(0).at("user") ==
          json::parse(R"({"username": "u", "password": "p", "client-certificate": "/c", "client-key": "/k"})"));
}

TEST_CASE("that a cluster does not know a user name and a password is told with the reason") {
    Settings read = settings();
    read.username = "admin";
    read.password = "s3cret";
    const Credentials basic(read);
    const Error unknown(Code::unauthorized, "The cluster does not know who is asking: s3cret.", Retry::never);
    CHECK_THAT(basic.told(unknown), StartsWith("The cluster does not know who is asking: ***. API servers take no user name") &&
                                        ContainsSubstring("1.19"));
    CHECK(basic.told(Error(Code::forbidden, "no s3cret", Retry::never)) == "no ***");
    read = settings();
    read.token = "token";
    CHECK(Credentials(read).told(unknown) == "The cluster does not know who is asking: s3cret.");
}

TEST_CASE("secrets are struck out, as they are and as basic authentication writes them") {
    Settings read = settings();
    read.username = "admin";
    read.password = "s3cret";
    const Credentials basic(read);
    CHECK(basic.without_secrets("a s3cret, s3crets3cret, Basic YWRtaW46czNjcmV0.") == "a ***, ******, Basic ***.");
    read = settings();
    read.token = "*";
    CHECK(Credentials(read).without_secrets("a * b") == "a *** b"); // and ends
    CHECK(Credentials(settings()).without_secrets("a") == "a");
}
