// SPDX-License-Identifier: Apache-2.0
#include "kubectl/settings/kubeconfig_secrets.hpp"

#include "kubectl/process/file_stamp.hpp"
#include "kubectl/settings/kubeconfig.hpp"

#include "masking/base64.hpp"
#include "masking/secret_values.hpp"
#include "shared/regular_file.hpp"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <filesystem>

namespace rsf::kubectl::settings {

namespace {

constexpr int most_levels = 32;
constexpr int most_nodes = 100'000; // aliases can make more of little

// Where a pod's credentials are. https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/
constexpr const char *pod_token = "/var/run/secrets/kubernetes.io/serviceaccount/token";

std::string small_and_plain(std::string_view text) {
    std::string result;
    for (const char c : text)
        if (c != '-' && c != '_') result += c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
    return result;
}

bool holds_any(std::string_view text, std::initializer_list<std::string_view> parts) {
    return std::any_of(parts.begin(), parts.end(), [&](std::string_view part) { return text.find(part) != text.npos; });
}

bool names_a_secret(std::string_view name) {
    return holds_any(small_and_plain(name),
                     {"token", "password", "passwd", "secret", "apikey", "accesskey", "privatekey", "clientkey"});
}

// Empty if it can't be read.
std::string text_in(const std::string &path) { return shared::read_regular_file(path, longest_kubeconfig).text; }

// One kubeconfig. https://kubernetes.io/docs/reference/config-api/kubeconfig.v1/
class Reading {
  public:
    Reading(std::string folder, std::vector<std::string> &values, std::vector<std::string> &named)
        : folder_(std::move(folder)), values_(values), named_(named) {}

    void read(const std::string &text) {
        try {
            visit(YAML::Load(text), "", 0);
        } catch (const YAML::Exception &) { // kubectl says what is wrong with it
        }
    }

  private:
    static std::string text_of(const YAML::Node &node) { return node.IsScalar() ? node.Scalar() : std::string(); }

    void visit(const YAML::Node &at, std::string_view key, int level) {
        if (level > most_levels || ++nodes_ > most_nodes) return;
        if (at.IsScalar()) return visit_text(key, at.Scalar());
        if (at.IsSequence()) {
            if (key == "args") visit_arguments(at);
            for (const YAML::Node &entry : at) visit(entry, key == "env" ? "env" : "", level + 1);
        }
        if (!at.IsMap()) return;
        for (const auto &pair : at) {
            const std::string name = text_of(pair.first);
            const bool is_variable = key == "env" && name == "value";
            visit(pair.second, is_variable ? "secret" : name, level + 1);
        }
    }

    void visit_text(std::string_view key, const std::string &text) {
        const std::string plain = small_and_plain(key);
        if (plain == "tokenfile" || plain == "clientkey") { // paths
            named_.push_back(text.starts_with('/') ? text : folder_ + "/" + text);
        } else if (plain == "proxyurl" || plain == "server") {
            masking::each_secret_part(text, [&](std::string_view part) {
                if (part != text) values_.emplace_back(part);
            });
        } else if (names_a_secret(key)) {
            values_.push_back(text);
            std::string bytes;
            if (plain.ends_with("data") && masking::decode_base64(text, bytes)) values_.push_back(bytes);
        }
    }

    // --client-secret=x, --client-secret x
    void visit_arguments(const YAML::Node &arguments) {
        bool secret_comes = false;
        for (const YAML::Node &argument : arguments) {
            const std::string text = text_of(argument);
            const std::size_t equals = text.find('=');
            const bool is_flag = text.starts_with('-');
            if (is_flag && equals != text.npos && names_a_secret(text.substr(0, equals)))
                values_.push_back(text.substr(equals + 1));
            else if (secret_comes && !is_flag)
                values_.push_back(text);
            secret_comes = is_flag && equals == text.npos && names_a_secret(text);
        }
    }

    const std::string folder_;
    std::vector<std::string> &values_, &named_;
    int nodes_ = 0;
};

} // namespace

KubeconfigSecrets::KubeconfigSecrets(std::vector<std::string> files, const std::vector<std::string> &variables)
    : files_(std::move(files)) {
    for (const std::string &variable : variables) {
        const std::size_t equals = std::min(variable.find('='), variable.size());
        const std::string value = equals < variable.size() ? variable.substr(equals + 1) : std::string();
        if (names_a_secret(std::string_view(variable).substr(0, equals)) && !value.starts_with('/')) // or else a file's path
            always_.push_back(value);
        masking::each_secret_part(value, [&](std::string_view part) { // http://user:password@proxy
            if (part != value) always_.emplace_back(part);
        });
    }
    refresh();
}

void KubeconfigSecrets::refresh() {
    const shared::Lock lock(mutex_);
    if (!stamp_.empty() && process::stamp_of(files_) + process::stamp_of(now_.named) == stamp_) return;
    Known known;
    known.named.emplace_back(pod_token);
    stamp_ = process::stamp_of(files_); // before they are read: a change in between is seen the next time
    for (const std::string &file : files_) read_file(file, known);
    stamp_ += process::stamp_of(known.named);
    for (const std::string &file : known.named) known.values.push_back(text_in(file));
    before_ = std::move(now_);
    now_ = std::move(known);
    search_ = {};
    for (const std::vector<std::string> *values :
         std::initializer_list<const std::vector<std::string> *>{&always_, &now_.values, &before_.values})
        for (const std::string &value : *values)
            masking::each_secret_part(value, [this](std::string_view part) REQUIRES(mutex_) { search_.add(part, "***"); });
}

void KubeconfigSecrets::read_file(const std::string &path, Known &known) {
    const std::string text = text_in(path);
    if (text.find("PRIVATE KEY-----") != std::string::npos) known.values.push_back(text); // client-key of the settings
    Reading(std::filesystem::path(path).parent_path().string(), known.values, known.named).read(text);
}

std::string KubeconfigSecrets::hide(std::string text) const {
    const shared::Lock lock(mutex_);
    return search_.masked_text(std::move(text));
}

} // namespace rsf::kubectl::settings
