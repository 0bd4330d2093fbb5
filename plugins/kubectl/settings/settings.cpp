// SPDX-License-Identifier: Apache-2.0
#include "kubectl/settings/settings.hpp"

#include "kubectl/settings/kubeconfig.hpp"
#include "kubectl/text/argument.hpp"
#include "shared/regular_file.hpp"

#include <sys/stat.h>

#include <charconv>
#include <system_error>

namespace rsf::kubectl::settings {

namespace {

[[noreturn]] void refuse(const std::string &sentence) { throw Error(Code::invalid, sentence, Retry::never); }

std::string text_of(const json::object &settings, std::string_view key) {
    const json::value *value = settings.if_contains(key);
    if (!value || value->is_null()) return {};
    const json::string *text = value->if_string();
    if (!text) refuse("The setting " + std::string(key) + " must be a string.");
    for (const char c : *text)
        if (static_cast<unsigned char>(c) < ' ' || c == 0x7F)
            refuse("The setting " + std::string(key) + " holds a control character, such as the end of a line: remove it.");
    return {text->data(), text->size()};
}

bool flag_of(const json::object &settings, std::string_view key) {
    const json::value *value = settings.if_contains(key);
    if (!value || value->is_null()) return false;
    if (!value->is_bool()) refuse("The setting " + std::string(key) + " must be true or false.");
    return value->get_bool();
}

bool is_executable(const std::string &path) {
    struct stat status;
    return ::stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode) && ::access(path.c_str(), X_OK) == 0;
}

std::string find_kubectl(const std::string &wanted, std::string_view path) {
    if (wanted.front() == '/') {
        if (is_executable(wanted)) return wanted;
        refuse("The setting kubectl names " + wanted +
               ", which is not a file that can be executed: install kubectl there, or correct "
               "the path.");
    }
    if (wanted.find('/') != wanted.npos)
        refuse("The setting kubectl must be an absolute path, or a name to be found on PATH, not " + text::in_quotes(wanted) +
               ".");
    for (std::string_view rest = path; !rest.empty();) {
        const std::size_t colon = rest.find(':');
        const std::string_view folder = rest.substr(0, colon);
        rest = colon == rest.npos ? std::string_view{} : rest.substr(colon + 1);
        if (folder.empty() || folder.front() != '/') continue; // a relative folder means another one for each caller
        const std::string found = std::string(folder) + "/" + wanted;
        if (is_executable(found)) return found;
    }
    refuse("There is no " + text::in_quotes(wanted) + " on PATH (" + std::string(path) +
           "): install kubectl, or give its absolute path as the setting kubectl.");
}

void check_file(std::string_view key, const std::string &path) {
    if (path.empty()) return;
    const std::string says = "The setting " + std::string(key);
    if (path.front() != '/') refuse(says + " must be an absolute path, not " + text::in_quotes(path) + ".");
    if (const shared::RegularFile file = shared::open_regular_file(path); !file.opened)
        refuse(says + " names " + path + ", which " + file.fault + ".");
}

// The original took "the IP address and optional port" and put https:// before it; a URL works too.
std::string read_server(std::string server) {
    if (server.empty()) return server;
    if (server.find("://") == server.npos) server.insert(0, "https://");
    const bool is_https = server.starts_with("https://");
    if (!is_https && !server.starts_with("http://"))
        refuse("The setting server must be an address, or a URL that starts with https:// or http://.");
    const std::string_view after = std::string_view(server).substr(is_https ? 8 : 7);
    if (after.find('@') != after.npos)
        refuse(
            "The setting server must not hold a user or a password: give them as the settings username and password, or token.");
    if (after.empty() || after.front() == '/' || after.find_first_of(" \"'<>\\?#") != after.npos)
        refuse("The setting server must be an address with an optional port, such as 10.0.0.1:6443, or a URL.");
    return server;
}

// "The DNS name of the Kubernetes service", as in the original. It looked the name up itself and passed on an address, with which
// no certificate can be checked; kubectl is given the name.
std::string read_service(const std::string &service) {
    if (service.empty()) return {};
    std::string_view host = service;
    if (const std::size_t colon = host.find(':'); colon != host.npos) {
        unsigned int port = 0;
        const std::string_view digits = host.substr(colon + 1);
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
        if (error != std::errc{} || end != digits.data() + digits.size() || port == 0 || port > 65535)
            refuse("The setting service must be a DNS name with an optional port, not " + text::in_quotes(service) + ".");
        host = host.substr(0, colon);
    }
    constexpr std::string_view allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.";
    if (host.empty() || host.size() > 253 || host.front() == '-' || host.find_first_not_of(allowed) != host.npos)
        refuse("The setting service must be a DNS name with an optional port, such as kubernetes.default.svc, not " +
               text::in_quotes(service) + ".");
    return "https://" + service;
}

std::chrono::milliseconds read_time(const std::string &text) {
    if (text.empty()) return std::chrono::milliseconds{0};
    std::int64_t count = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
    const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
    const std::int64_t factor = unit == "ms"                  ? 1
                                : unit == "s" || unit.empty() ? 1000
                                : unit == "m"                 ? 60'000
                                : unit == "h"                 ? 3'600'000
                                                              : 0;
    constexpr std::int64_t most = 24LL * 3'600'000;
    if (error != std::errc{} || factor == 0 || count < 0 || count > most / factor)
        refuse("The setting request_timeout must be a whole number with ms, s, m or h after it, at most 24h, not " +
               text::in_quotes(text) + ".");
    return std::chrono::milliseconds{count * factor};
}

void check_together(const Settings &read, bool has_service, bool has_server) {
    if (has_service && has_server) refuse("The settings service and server both say where the cluster is: remove one.");
    if (read.insecure_skip_tls_verify && !read.certificate_authority.empty())
        refuse("The setting insecure_skip_tls_verify makes certificate_authority useless: remove one.");
    if (!read.token.empty() && !read.username.empty())
        refuse("The settings token and username both say who is asking: remove one.");
    if (read.username.empty() != read.password.empty())
        refuse("The settings username and password go together: add the one that is missing.");
    if (read.client_certificate.empty() != read.client_key.empty())
        refuse("The settings client_certificate and client_key go together: add the one that is missing.");
    if (!read.context.empty() && read.config.empty() && (has_service || has_server))
        refuse("The setting context names a part of a kubeconfig file: add config, or remove context.");
    const bool is_anonymous = read.token.empty() && read.username.empty() && read.client_certificate.empty();
    if (is_anonymous && read.config.empty() && read.server.starts_with("https://"))
        refuse(
            "The settings say where the cluster is, but not who is asking: add token, username and password, client_certificate "
            "and client_key, or config.");
    if (read.config.find(':') != std::string::npos)
        refuse("The setting config must be one file, whose path has no colon: kubectl would read it as a list of files.");
    if (!read.ns.empty()) text::check_namespace(read.ns, "The setting namespace");
}

} // namespace

Settings read_settings(const json::object &settings, std::string_view path) {
    Settings read;
    const std::string service = text_of(settings, "service");
    const std::string server = text_of(settings, "server");
    read.insecure_skip_tls_verify = flag_of(settings, "insecure_skip_tls_verify");
    read.uses_proxy = text_of(settings, "transport") != "exec";
    read.config = text_of(settings, "config");
    read.certificate_authority = text_of(settings, "certificate_authority");
    read.client_certificate = text_of(settings, "client_certificate");
    read.client_key = text_of(settings, "client_key");
    read.token = text_of(settings, "token");
    read.username = text_of(settings, "username");
    read.password = text_of(settings, "password");
    read.context = text_of(settings, "context");
    read.ns = text_of(settings, "namespace");
    read.field_manager = text_of(settings, "field_manager");
    if (read.field_manager.empty()) read.field_manager = "resourcifier";
    read.force = flag_of(settings, "force");
    read.request_timeout = read_time(text_of(settings, "request_timeout"));
    read.server = service.empty() ? read_server(server) : read_service(service);
    check_together(read, !service.empty(), !server.empty());
    check_file("config", read.config);
    check_file("certificate_authority", read.certificate_authority);
    check_file("client_certificate", read.client_certificate);
    check_file("client_key", read.client_key);
    if (const std::string fault = Kubeconfig(read).fault(); !fault.empty()) refuse(fault);
    const std::string kubectl = text_of(settings, "kubectl");
    read.kubectl = find_kubectl(kubectl.empty() ? "kubectl" : kubectl, path);
    return read;
}

} // namespace rsf::kubectl::settings
