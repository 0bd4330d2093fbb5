// SPDX-License-Identifier: Apache-2.0
//
// What a target's settings say, checked. Plain values; thread-safe once made.
#pragma once

#include <resourcifier/driver.hpp>

#include <algorithm>
#include <chrono>
#include <string>
#include <string_view>

namespace rsf::kubectl::settings {

// A text that was not set is empty.
struct Settings {
    std::string kubectl;    // absolute path
    bool uses_proxy = true; // transport: proxy, else exec
    std::string server;     // a URL, from server or from service
    bool insecure_skip_tls_verify = false;
    std::string config;
    std::string certificate_authority;
    std::string client_certificate;
    std::string client_key;
    std::string token;
    std::string username;
    std::string password;
    std::string context;
    std::string ns;
    std::string field_manager;                    // who an apply is by
    bool force = false;                           // an apply takes fields over from other managers
    std::chrono::milliseconds request_timeout{0}; // 0: none but the call's deadline
};

// settings: fits the schema, its defaults filled in or not. path: where to look for a kubectl without a folder, as $PATH has it.
// Throws Error (Code::invalid) for what contradicts itself, is not a path, address or time, or names a file that can't be used.
Settings read_settings(const json::object &settings, std::string_view path);

// How long to wait for the answer that tells whether the cluster answers at all: long enough for programs that get credentials.
inline std::chrono::milliseconds probe_time(const Settings &settings) {
    constexpr std::chrono::milliseconds longest = std::chrono::seconds(15);
    return settings.request_timeout.count() > 0 ? std::min(settings.request_timeout, longest) : longest;
}

} // namespace rsf::kubectl::settings
