// SPDX-License-Identifier: Apache-2.0
#include "kubectl/settings/environment.hpp"

#include "kubectl/errors/error_text.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <initializer_list>

namespace rsf::kubectl::settings {

namespace {

// What kubectl and the credential programs of a kubeconfig need of the daemon's environment. Everything else is left out: it may
// belong to the daemon alone (NOTIFY_SOCKET, CREDENTIALS_DIRECTORY) or hold secrets of other targets.
constexpr std::array passed_on = {
    "PATH", "HOME", "USER", "LOGNAME", "TMPDIR", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_RUNTIME_DIR",
    // Go's net/http and crypto/x509
    "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy", "SSL_CERT_FILE", "SSL_CERT_DIR",
    // the pod that the daemon runs in
    "KUBERNETES_SERVICE_HOST", "KUBERNETES_SERVICE_PORT"};
constexpr std::array passed_on_families = {"AWS_", "AZURE_", "CLOUDSDK_", "GOOGLE_", "OCI_", "OS_"};

bool is_passed_on(std::string_view name, const Settings &settings) {
    // From a kubeconfig without a cluster kubectl would take the pod's.
    if (!settings.config.empty() && name.starts_with("KUBERNETES_SERVICE_")) return false;
    return std::find(passed_on.begin(), passed_on.end(), name) != passed_on.end() ||
           std::any_of(passed_on_families.begin(), passed_on_families.end(),
                       [&](std::string_view f) { return name.starts_with(f); });
}

// The kubeconfig files besides the settings' own user, as KUBECONFIG has them; empty: kubectl finds none, or its own default.
std::string kubeconfigs(const Settings &settings, const std::vector<std::string> &host) {
    if (!settings.config.empty()) return settings.config;
    if (!settings.server.empty()) return {};
    if (const std::string named = variable(host, "KUBECONFIG"); !named.empty()) return named;
    const std::string home = variable(host, "HOME");
    if (home.empty() || home.front() != '/') return {};
    std::string usual = home + "/.kube/config";
    return ::access(usual.c_str(), R_OK) == 0 ? usual : std::string{};
}

// Whether folder + below can be written; below is made if need be, for this user alone, but no folder above it.
bool can_write(const std::string &folder, std::initializer_list<std::string_view> below) {
    std::string path = folder;
    if (path.empty() || path.front() != '/') return false;
    for (const std::string_view name : below) ::mkdir(path.append("/").append(name).c_str(), 0700);
    return ::access(path.c_str(), W_OK | X_OK) == 0;
}

// systemd's variables name several folders with colons between them.
std::string first_of(const std::vector<std::string> &host, std::string_view name) {
    const std::string folders = variable(host, name);
    return folders.substr(0, folders.find(':'));
}

std::string temporary_folder(const std::vector<std::string> &host) {
    const std::string named = variable(host, "TMPDIR");
    return named.empty() ? "/tmp" : named;
}

} // namespace

std::vector<std::string> host_environment() {
    std::vector<std::string> result;
    for (char **entry = ::environ; entry && *entry; ++entry) result.emplace_back(*entry);
    return result;
}

std::string variable(const std::vector<std::string> &environment, std::string_view name) {
    for (const std::string &entry : environment)
        if (entry.size() > name.size() && entry[name.size()] == '=' && entry.starts_with(name))
            return entry.substr(name.size() + 1);
    return {};
}

Environment::Environment(const Settings &settings, const Credentials &credentials, const std::vector<std::string> &host)
    : kubeconfig_(settings) {
    for (const std::string &entry : host)
        if (is_passed_on(std::string_view(entry).substr(0, entry.find('=')), settings)) variables_.push_back(entry);
    if (variable(variables_, "PATH").empty()) variables_.push_back("PATH=/usr/local/bin:/usr/bin:/bin");
    variables_.push_back("LC_ALL=C"); // kubectl translates some of its messages
    // Where nothing names a server kubectl takes this one, or else http://localhost:8080 and whatever listens there.
    variables_.push_back("KUBERNETES_MASTER=" + std::string(errors::no_server));

    std::string files = kubeconfigs(settings, host);
    for (std::string_view rest = files; !rest.empty();) {
        const std::size_t colon = std::min(rest.find(':'), rest.size());
        files_.emplace_back(rest.substr(0, colon));
        rest.remove_prefix(std::min(colon + 1, rest.size()));
    }
    for (const std::string &file : {settings.certificate_authority, settings.client_certificate, settings.client_key})
        if (!file.empty()) files_.push_back(file);
    if (credentials.any()) files = Credentials::path() + (files.empty() ? "" : ":") + files;
    uses_pod_ = files.empty() && settings.server.empty() && !variable(variables_, "KUBERNETES_SERVICE_HOST").empty();
    if (files.empty() && !settings.server.empty()) files = "/dev/null"; // not what happens to lie in HOME
    if (!files.empty()) variables_.push_back("KUBECONFIG=" + files);

    // systemd's CacheDirectory= first; HOME may be missing or read-only. Without a cache each kubectl asks for all API groups
    // anew.
    const std::string first = first_of(host, "CACHE_DIRECTORY");
    const std::string temporary = temporary_folder(host);
    const std::string home = variable(host, "HOME");
    if (can_write(first, {"kubectl"})) {
        cache_folder_ = first + "/kubectl";
    } else if (can_write(home, {".kube", "cache"})) {
        cache_folder_ = home + "/.kube/cache";
    } else {
        std::string pattern = temporary + "/resourcifierd-kubectl-XXXXXX";
        own_cache_folder_ = ::mkdtemp(pattern.data()) != nullptr;
        cache_folder_ = own_cache_folder_ ? pattern : "/dev/null"; // kubectl goes on without
    }
    constexpr std::size_t room = 70; // sun_path has 108 bytes (unix(7))
    for (const std::string &folder : {first_of(host, "RUNTIME_DIRECTORY"), temporary, std::string("/tmp")})
        if (socket_folder_.empty() && folder.size() <= room && can_write(folder, {})) socket_folder_ = folder;
}

std::string Environment::pod_namespace() const {
    // https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/
    std::ifstream file(uses_pod_ ? "/var/run/secrets/kubernetes.io/serviceaccount/namespace" : "");
    std::string ns;
    return file >> ns ? ns : "default";
}

Environment::~Environment() {
    std::error_code failed; // what can't be removed is left to the system's cleaning of temporary files
    if (own_cache_folder_) std::filesystem::remove_all(cache_folder_, failed);
}

} // namespace rsf::kubectl::settings
