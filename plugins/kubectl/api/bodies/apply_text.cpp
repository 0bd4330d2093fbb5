// SPDX-License-Identifier: Apache-2.0
#include "kubectl/api/bodies/apply_text.hpp"

#include <cstdio>
#include <string>

namespace rsf::kubectl::api {

namespace {

// The first code point of text that can't be passed on; 0: none.
unsigned first_lost(std::string_view text) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto c = static_cast<unsigned char>(text[i]);
        if (c == 0x7F) return c;
        const unsigned point = c < 0x80 ? 0 : detail::not_in_yaml(text.substr(i));
        if (point == 0x2028 || point == 0x2029 || point == 0xFEFF)
            continue; // kubectl escapes the first two, and YAML takes the third
        if (point != 0) return point;
    }
    return 0;
}

void check_text(std::string_view text, const std::string &path) {
    const unsigned point = first_lost(text);
    if (point == 0) return;
    char name[16];
    std::snprintf(name, sizeof name, "U+%04X", point);
    throw Error(Code::invalid,
                path + " holds the character " + name +
                    ", which kubectl's apply does not pass on as it is; take it out, or let the target use the transport proxy.",
                Retry::never);
}

void check(const json::value &value, const std::string &path) {
    if (const json::string *text = value.if_string()) {
        check_text({text->data(), text->size()}, path);
    } else if (const json::array *list = value.if_array()) {
        for (std::size_t i = 0; i < list->size(); ++i) check((*list)[i], path + "[" + std::to_string(i) + "]");
    } else if (const json::object *members = value.if_object()) {
        for (const auto &[key, member] : *members) {
            check_text({key.data(), key.size()}, "A key of " + path);
            check(member, path + "." + std::string(key));
        }
    }
}

} // namespace

void check_kubectl_can_apply(const json::object &object) {
    for (const auto &[key, member] : object) {
        check_text({key.data(), key.size()}, "A key of the object");
        check(member, std::string(key));
    }
}

} // namespace rsf::kubectl::api
