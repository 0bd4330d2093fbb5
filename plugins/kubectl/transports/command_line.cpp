// SPDX-License-Identifier: Apache-2.0
#include "kubectl/transports/command_line.hpp"

#include <algorithm>

namespace rsf::kubectl::transports {

namespace {

void add(Words &line, std::string_view flag, std::string_view value) {
    if (!value.empty()) line.push_back(std::string(flag) + "=" + std::string(value));
}

} // namespace

Words command_line(const CommonFlags &common, const Words &command, std::string_view ns,
                   std::optional<std::chrono::milliseconds> left, const Words &words) {
    const settings::Settings &settings = common.settings;
    Words line{"kubectl"};
    line.insert(line.end(), command.begin(), command.end());
    add(line, "--context", settings.context);
    add(line, "--server", settings.server);
    add(line, "--certificate-authority", settings.certificate_authority);
    if (settings.insecure_skip_tls_verify) line.push_back("--insecure-skip-tls-verify=true");
    if (common.credentials.any()) add(line, "--user", settings::Credentials::user);
    add(line, "--cache-dir", common.cache_folder);
    add(line, "--namespace", ns);
    if (left) {
        std::chrono::milliseconds timeout = std::max(*left, std::chrono::milliseconds{1}); // 0 means for ever
        if (settings.request_timeout.count() > 0) timeout = std::min(timeout, settings.request_timeout);
        add(line, "--request-timeout", std::to_string(timeout.count()) + "ms");
    }
    if (words.empty()) return line;
    line.push_back("--");
    line.insert(line.end(), words.begin(), words.end());
    return line;
}

} // namespace rsf::kubectl::transports
