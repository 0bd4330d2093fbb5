// SPDX-License-Identifier: Apache-2.0
#include "http/listen/hosts.hpp"

#include "http/syntax.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <netinet/in.h>

namespace rsf::http {

namespace {

std::optional<std::string> v6_of(const std::string &text) {
    in6_addr address{};
    char spelt[INET6_ADDRSTRLEN];
    if (inet_pton(AF_INET6, text.c_str(), &address) != 1) return std::nullopt;
    return inet_ntop(AF_INET6, &address, spelt, sizeof spelt);
}

bool is_loopback(const std::string &host) {
    if (host == "localhost") return true;
    in_addr v4{};
    if (inet_pton(AF_INET, host.c_str(), &v4) == 1) return ntohl(v4.s_addr) >> 24 == IN_LOOPBACKNET;
    in6_addr v6{};
    if (inet_pton(AF_INET6, host.c_str(), &v6) != 1) return false;
    return IN6_IS_ADDR_LOOPBACK(&v6) || (IN6_IS_ADDR_V4MAPPED(&v6) && v6.s6_addr[12] == IN_LOOPBACKNET);
}

} // namespace

std::optional<std::string> host_of(std::string_view authority) {
    const bool bracketed = authority.starts_with('[');
    const auto end = bracketed ? authority.find(']') : authority.find(':');
    if (bracketed && end == authority.npos) return std::nullopt;
    const auto port = authority.substr(std::min(bracketed ? end + 1 : end, authority.size()));
    if (!port.empty() && (port[0] != ':' || !std::ranges::all_of(port.substr(1), is_digit))) return std::nullopt;
    if (bracketed) return v6_of(std::string(authority.substr(1, end - 1)));
    std::string host(authority.substr(0, end));
    if (host.size() > 1 && host.ends_with('.')) host.pop_back();
    std::ranges::transform(host, host.begin(), lower);
    const auto is_plain = [](char c) { return is_alnum(c) || c == '-' || c == '.' || c == '_'; };
    return !host.empty() && std::ranges::all_of(host, is_plain) ? std::optional(std::move(host)) : std::nullopt;
}

void AllowedHosts::replace(const std::vector<std::string> &names) {
    Names hosts;
    for (const std::string &name : names)
        if (auto host = host_of(name)) hosts.push_back(std::move(*host));
    auto next = std::make_shared<const Names>(std::move(hosts));
    const shared::Lock lock(mutex_);
    names_ = std::move(next);
}

std::shared_ptr<const AllowedHosts::Names> AllowedHosts::names() const {
    const shared::Lock lock(mutex_);
    return names_;
}

std::optional<Problem> AllowedHosts::refuse(std::string_view host, Reach reach) const {
    if (host.empty() || reach == Reach::unix_socket) return std::nullopt;
    const std::optional<std::string> wanted = host_of(host);
    if (wanted && is_loopback(*wanted)) return std::nullopt;
    const auto known = names();
    if (reach == Reach::network && known->empty()) return std::nullopt;
    if (wanted && std::ranges::find(*known, *wanted) != known->end()) return std::nullopt;
    std::string list = "localhost, 127.0.0.1, [::1]";
    for (const std::string &name : *known) list += ", " + name;
    return Problem{421, "misdirected",
                   "The request is for the host " + in_quotes(host) + ", and this address answers only for " + list +
                       ". If that name is meant to lead here, add it to 'hosts' in the settings."};
}

} // namespace rsf::http
