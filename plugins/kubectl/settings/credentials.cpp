// SPDX-License-Identifier: Apache-2.0
#include "kubectl/settings/credentials.hpp"

#include "kubectl/process/child_process.hpp"
#include "kubectl/process/sealed_file.hpp"
#include "kubectl/settings/credential_shapes.hpp"

#include "masking/base64.hpp"

#include <algorithm>

namespace rsf::kubectl::settings {

namespace {

json::object user_of(const Settings &settings) {
    json::object user;
    const auto set = [&](const char *key, const std::string &value) {
        if (!value.empty()) user[key] = value;
    };
    set("token", settings.token);
    set("username", settings.username);
    set("password", settings.password);
    set("client-certificate", settings.client_certificate);
    set("client-key", settings.client_key);
    return user;
}

} // namespace

Credentials::Credentials(const Settings &settings) : is_basic_(!settings.password.empty()) {
    json::object asking = user_of(settings);
    if (asking.empty()) return;
    const json::object kubeconfig{{"apiVersion", "v1"},
                                  {"kind", "Config"},
                                  {"users", json::array{json::object{{"name", Credentials::user}, {"user", std::move(asking)}}}}};
    kubeconfig_ = process::sealed_file("resourcifierd-kubeconfig", json_text(kubeconfig));
    if (!settings.token.empty()) secrets_.push_back(settings.token);
    if (!settings.password.empty()) {
        secrets_.push_back(masking::encode_base64(settings.username + ":" + settings.password));
        secrets_.push_back(settings.password);
    }
    std::sort(secrets_.begin(), secrets_.end(), [](const auto &a, const auto &b) { return a.size() > b.size(); });
}

void Credentials::know(const std::vector<std::string> &files, const std::vector<std::string> &variables) {
    others_ = std::make_unique<KubeconfigSecrets>(files, variables);
}

void Credentials::refresh() const {
    if (others_) others_->refresh();
}

std::string Credentials::path() { return "/proc/self/fd/" + std::to_string(process::Program::first_inherited); }

std::string Credentials::without_secrets(std::string text) const {
    constexpr std::string_view mask = "***";
    for (const std::string &secret : secrets_)
        for (std::size_t at = text.find(secret); at != text.npos; at = text.find(secret, at + mask.size()))
            text.replace(at, secret.size(), mask);
    if (others_) text = others_->hide(std::move(text));
    return without_credential_shapes(std::move(text));
}

json::value Credentials::fit_to_show(json::value details) const {
    if (const json::string *text = details.if_string()) return json::string(without_secrets(std::string(*text)));
    if (json::array *list = details.if_array())
        for (json::value &entry : *list) entry = fit_to_show(std::move(entry));
    if (json::object *object = details.if_object())
        for (auto &member : *object) member.value() = fit_to_show(std::move(member.value()));
    return details;
}

std::string Credentials::told(const Error &error) const {
    std::string text = without_secrets(error.what());
    if (is_basic_ && error.code == Code::unauthorized)
        text += " API servers take no user name and password since Kubernetes 1.19, which removed basic authentication: give the "
                "target a token or a client certificate instead.";
    return text;
}

} // namespace rsf::kubectl::settings
