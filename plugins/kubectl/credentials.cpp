// SPDX-License-Identifier: Apache-2.0
#include "credentials.hpp"

#include "child_process.hpp"
#include "sealed_file.hpp"

#include <algorithm>

namespace rsf::kubectl {

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

// As basic authentication writes it (RFC 7617).
std::string base64(std::string_view text) {
    constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string result;
    for (std::size_t i = 0; i < text.size(); i += 3) {
        unsigned int bits = 0;
        for (std::size_t j = 0; j < 3; ++j)
            bits = bits << 8U | (i + j < text.size() ? static_cast<unsigned char>(text[i + j]) : 0U);
        for (std::size_t j = 0; j < 4; ++j) result += i + j <= text.size() ? alphabet[bits >> (18 - 6 * j) & 63U] : '=';
    }
    return result;
}

} // namespace

Credentials::Credentials(const Settings &settings) {
    json::object asking = user_of(settings);
    if (asking.empty()) return;
    const json::object kubeconfig{{"apiVersion", "v1"},
                                  {"kind", "Config"},
                                  {"users", json::array{json::object{{"name", Credentials::user}, {"user", std::move(asking)}}}}};
    kubeconfig_ = sealed_file("resourcifierd-kubeconfig", json::serialize(kubeconfig));
    if (!settings.token.empty()) secrets_.push_back(settings.token);
    if (!settings.password.empty()) {
        secrets_.push_back(base64(settings.username + ":" + settings.password));
        secrets_.push_back(settings.password);
    }
    std::sort(secrets_.begin(), secrets_.end(), [](const auto &a, const auto &b) { return a.size() > b.size(); });
}

std::string Credentials::path() { return "/proc/self/fd/" + std::to_string(Program::first_inherited); }

std::string Credentials::without_secrets(std::string text) const {
    constexpr std::string_view mask = "***";
    for (const std::string &secret : secrets_)
        for (std::size_t at = text.find(secret); at != text.npos; at = text.find(secret, at + mask.size()))
            text.replace(at, secret.size(), mask);
    return text;
}

} // namespace rsf::kubectl
