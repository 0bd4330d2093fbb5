// SPDX-License-Identifier: Apache-2.0
#include "api/request/origin.hpp"

#include "http/problem.hpp"
#include "http/syntax.hpp"

#include <array>

namespace rsf::api {

namespace {

using http::same_word;

bool may_change_something(std::string_view method) {
    return method != "GET" && method != "HEAD" && method != "OPTIONS" && method != "TRACE";
}

std::string_view without_port(std::string_view authority, std::string_view port) {
    if (authority.ends_with(port)) authority.remove_suffix(port.size());
    return authority;
}

// https: a proxy in front of the daemon may speak TLS.
bool is_own(std::string_view origin, std::string_view host) {
    struct Scheme {
        std::string_view prefix, port;
    };
    constexpr std::array schemes{Scheme{"http://", ":80"}, Scheme{"https://", ":443"}};
    for (const auto &[prefix, port] : schemes)
        if (same_word(origin.substr(0, prefix.size()), prefix))
            return !host.empty() && same_word(without_port(origin.substr(prefix.size()), port), without_port(host, port));
    return false;
}

Problem foreign(const std::string &sign) {
    return {403, "foreign-page",
            "A page of another origin sent this request through a browser (" + sign +
                "). Pages of other origins may change nothing here. Nothing was done."};
}

} // namespace

std::optional<Problem> refuse_foreign_page(const Request &request) {
    if (!may_change_something(request.method)) return std::nullopt;
    for (const std::string_view site : header_values(request.headers, "Sec-Fetch-Site"))
        if (!same_word(site, "same-origin") && !same_word(site, "none")) return foreign("Sec-Fetch-Site: " + printable(site, 40));
    const auto hosts = header_values(request.headers, "Host");
    const std::string_view host = hosts.empty() ? std::string_view{} : hosts[0];
    for (const std::string_view origin : header_values(request.headers, "Origin"))
        if (!is_own(origin, host)) return foreign("Origin: " + printable(origin, 120));
    return std::nullopt;
}

} // namespace rsf::api
