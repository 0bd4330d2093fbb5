// SPDX-License-Identifier: Apache-2.0
#include "kubectl/settings/expiry.hpp"

#include "kubectl/process/file_stamp.hpp"
#include "kubectl/settings/kubeconfig.hpp"

#include "masking/base64.hpp"
#include "shared/regular_file.hpp"

#include <resourcifier/json_text.hpp>

#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <memory>
#include <utility>

namespace rsf::kubectl::settings {

namespace {

constexpr std::size_t longest_token = 64u << 10;
constexpr std::int64_t last_second = 253'402'300'799; // of the year 9999

std::string content_of(const std::string &path) { return shared::read_regular_file(path, longest_kubeconfig).text; }

// Null if there is none.
YAML::Node entry_at(const YAML::Node &map, const char *key) {
    if (!map.IsMap()) return {};
    const YAML::Node found = map[key];
    return found.IsDefined() ? found : YAML::Node();
}

std::string scalar_at(const YAML::Node &map, const char *key) {
    const YAML::Node found = entry_at(map, key);
    return found.IsScalar() ? found.Scalar() : std::string();
}

// One kubeconfig: https://kubernetes.io/docs/reference/config-api/kubeconfig.v1/
struct OneConfig {
    std::string folder; // of its relative paths
    YAML::Node root;
};

// What stands under part in the first entry of that name, and the folder of its file.
std::pair<YAML::Node, std::string> first_named(const std::vector<OneConfig> &configs, const char *list, const std::string &name,
                                               const char *part) {
    for (const OneConfig &config : configs) {
        const YAML::Node entries = entry_at(config.root, list);
        if (!entries.IsSequence()) continue;
        for (const YAML::Node &entry : entries)
            if (scalar_at(entry, "name") == name) return {entry_at(entry, part), config.folder};
    }
    return {};
}

std::string first_current_context(const std::vector<OneConfig> &configs) {
    for (const OneConfig &config : configs)
        if (std::string context = scalar_at(config.root, "current-context"); !context.empty()) return context;
    return {};
}

std::vector<OneConfig> parsed(const std::vector<std::string> &files) {
    std::vector<OneConfig> configs;
    for (const std::string &file : files) try {
            configs.push_back({std::filesystem::path(file).parent_path().string(), YAML::Load(content_of(file))});
        } catch (const YAML::Exception &) { // kubectl says what is wrong with it
        }
    return configs;
}

void keep_sooner(std::optional<std::time_t> &soonest, std::optional<std::time_t> other) {
    if (other && (!soonest || *other < *soonest)) soonest = other;
}

std::string without_space(std::string text) {
    std::erase_if(text, [](char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; });
    return text;
}

} // namespace

std::optional<std::time_t> certificate_expiry(const std::string &pem) {
    const std::unique_ptr<BIO, decltype(&BIO_free)> source(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), BIO_free);
    if (!source) return std::nullopt;
    const auto no_passphrase = [](char *, int, int, void *) { return 0; };
    const std::unique_ptr<X509, decltype(&X509_free)> certificate(
        PEM_read_bio_X509(source.get(), nullptr, no_passphrase, nullptr), X509_free);
    std::tm end{};
    if (!certificate || ASN1_TIME_to_tm(X509_get0_notAfter(certificate.get()), &end) != 1) return std::nullopt;
    return ::timegm(&end);
}

std::optional<std::time_t> token_expiry(std::string_view token) {
    const std::size_t first = token.find('.');
    if (first == token.npos || token.size() > longest_token) return std::nullopt;
    const std::size_t second = token.find('.', first + 1);
    if (second == token.npos || token.find('.', second + 1) != token.npos) return std::nullopt;
    std::string claims(token.substr(first + 1, second - first - 1));
    std::replace(claims.begin(), claims.end(), '-', '+');
    std::replace(claims.begin(), claims.end(), '_', '/');
    claims.append((4 - claims.size() % 4) % 4, '=');
    std::string text;
    if (!masking::decode_base64(claims, text)) return std::nullopt;
    boost::system::error_code failed;
    const json::value all = json_value(text, failed);
    if (failed || !all.is_object()) return std::nullopt;
    const json::value *end = all.get_object().if_contains("exp");
    if (!end || !end->is_number()) return std::nullopt;
    const double seconds = end->to_number<double>(); // it may have a fraction
    if (!(seconds > 0 && seconds <= static_cast<double>(last_second))) return std::nullopt;
    return static_cast<std::time_t>(seconds);
}

// As kubectl chooses them: a user of the settings replaces the kubeconfig's as a whole.
Expiry::Found Expiry::look() const {
    Found found;
    const auto look_at = [&](const std::string &file) {
        found.files.push_back(file);
        return content_of(file);
    };
    const bool is_own = !settings_.token.empty() || !settings_.client_certificate.empty() || !settings_.username.empty();
    if (is_own) {
        keep_sooner(found.at, token_expiry(settings_.token));
        if (!settings_.client_certificate.empty())
            keep_sooner(found.at, certificate_expiry(look_at(settings_.client_certificate)));
        return found;
    }
    found.files = files_;
    const std::vector<OneConfig> configs = parsed(files_);
    const std::string context = settings_.context.empty() ? first_current_context(configs) : settings_.context;
    const std::string name = scalar_at(first_named(configs, "contexts", context, "context").first, "user");
    const auto [user, folder] = first_named(configs, "users", name, "user");
    const auto path = [&, where = folder](const std::string &file) { return file.starts_with('/') ? file : where + "/" + file; };
    if (const std::string file = scalar_at(user, "tokenFile"); !file.empty())
        keep_sooner(found.at, token_expiry(without_space(look_at(path(file)))));
    else
        keep_sooner(found.at, token_expiry(scalar_at(user, "token")));
    if (const std::string data = scalar_at(user, "client-certificate-data"); !data.empty()) {
        if (std::string pem; masking::decode_base64(without_space(data), pem)) keep_sooner(found.at, certificate_expiry(pem));
    } else if (const std::string file = scalar_at(user, "client-certificate"); !file.empty()) {
        keep_sooner(found.at, certificate_expiry(look_at(path(file))));
    }
    return found;
}

std::string Expiry::soonest() const {
    const shared::Lock lock(mutex_);
    if (stamp_ != "." + process::stamp_of(found_.files)) { // which is never empty
        found_ = look(); // for the files: their stamp is of before they are read, so that a change in between is seen
        stamp_ = "." + process::stamp_of(found_.files);
        found_ = look();
    }
    if (!found_.at) return {};
    std::tm parts{};
    ::gmtime_r(&*found_.at, &parts);
    std::array<char, 32> text{};
    return {text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts)};
}

} // namespace rsf::kubectl::settings
