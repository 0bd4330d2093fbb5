// SPDX-License-Identifier: Apache-2.0
#include "kubectl/transports/proxy/request_gate.hpp"

#include "kubectl/text/argument.hpp"

#include <resourcifier/driver.hpp>

#include <algorithm>
#include <charconv>
#include <optional>

namespace rsf::kubectl::transports {

namespace {

bool is_visible(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7F; });
}

// The byte that "%2F" at the start of text stands for.
std::optional<unsigned char> decoded(std::string_view text) {
    unsigned char byte = 0;
    if (text.size() < 3) return std::nullopt;
    const auto [end, failed] = std::from_chars(text.data() + 1, text.data() + 3, byte, 16);
    if (failed != std::errc{} || end != text.data() + 3) return std::nullopt;
    return byte;
}

const char *fault_of_segment(std::string_view segment) {
    std::string plain;
    for (std::size_t i = 0; i < segment.size(); ++i) {
        if (segment[i] != '%') {
            plain += segment[i];
            continue;
        }
        const std::optional<unsigned char> byte = decoded(segment.substr(i));
        if (!byte) return "a '%' in it is not followed by two hexadecimal digits";
        if (*byte < 0x20 || *byte == 0x7F || *byte == '/' || *byte == '%')
            return "a segment of its path hides a '/', a '%' or a control character";
        plain += static_cast<char>(*byte);
        i += 2;
    }
    if (plain.empty() || plain == "." || plain == "..") return "a segment of its path is empty, \".\" or \"..\"";
    return nullptr;
}

[[noreturn]] void refuse(std::string_view what, std::string_view word, std::string_view fault) {
    throw Error(Code::invalid,
                "The request to the cluster was not sent: its " + std::string(what) + " " + text::in_quotes(word) +
                    " is refused, since " + std::string(fault) + ".",
                Retry::never);
}

} // namespace

const char *fault_of_target(std::string_view target) {
    if (!target.starts_with('/')) return "it does not start with '/'";
    if (!is_visible(target) || target.find('#') != target.npos)
        return "it holds a space, a '#', a control character or one that is not ASCII";
    std::string_view path = target.substr(1, target.find('?') - 1);
    for (;;) {
        const std::size_t slash = path.find('/');
        if (const char *fault = fault_of_segment(path.substr(0, slash))) return fault;
        if (slash == path.npos) return nullptr;
        path.remove_prefix(slash + 1);
    }
}

const char *fault_of_header_value(std::string_view value) {
    return is_visible(value) ? nullptr : "it holds a space, a control character or one that is not ASCII";
}

bool is_audit_id(std::string_view text) {
    const auto fits = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' ||
               c == ':';
    };
    return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), fits);
}

void check_request(const HttpRequest &request) {
    constexpr std::string_view methods[] = {"GET", "POST", "PUT", "PATCH", "DELETE"};
    if (std::find(std::begin(methods), std::end(methods), request.method) == std::end(methods))
        refuse("method", request.method, "it is none that this driver uses");
    if (const char *fault = fault_of_target(request.target)) refuse("target", request.target, fault);
    if (const char *fault = fault_of_header_value(request.content_type)) refuse("content type", request.content_type, fault);
    if (!request.audit_id.empty() && !is_audit_id(request.audit_id))
        refuse("audit id", request.audit_id, "it is none that the cluster is told");
}

} // namespace rsf::kubectl::transports
