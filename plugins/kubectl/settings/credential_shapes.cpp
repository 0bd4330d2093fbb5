// SPDX-License-Identifier: Apache-2.0
#include "kubectl/settings/credential_shapes.hpp"

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace rsf::kubectl::settings {

namespace {

constexpr std::string_view mask = "***";
constexpr std::string_view token_characters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+/=";

std::size_t end_of_token(std::string_view text, std::size_t at) {
    return std::min(text.find_first_not_of(token_characters, at), text.size());
}

// From BEGIN to the line of END, or to the end: it may have been cut off.
void hide_private_keys(std::string &text) {
    constexpr std::string_view begin = "-----BEGIN ", kind = "PRIVATE KEY-----", end = "-----END ";
    for (std::size_t at = text.find(begin); at != text.npos; at = text.find(begin, at + 1)) {
        const std::size_t head = text.find("-----", at + begin.size());
        if (head == text.npos || !std::string_view(text).substr(0, head + 5).ends_with(kind)) continue;
        const std::size_t last = text.find(end, head);
        const std::size_t after = last == text.npos ? last : text.find("-----", last + end.size());
        text.replace(at, after == text.npos ? after : after + 5 - at, mask);
    }
}

// Three parts of base64, the first of which is JSON. https://www.rfc-editor.org/rfc/rfc7519
void hide_web_tokens(std::string &text) {
    for (std::size_t at = text.find("eyJ"); at != text.npos; at = text.find("eyJ", at + 1)) {
        const std::size_t end = end_of_token(text, at);
        const std::string_view token = std::string_view(text).substr(at, end - at);
        if (token.size() >= 20 && token.find('.') != token.npos) text.replace(at, token.size(), mask);
    }
}

void hide_what_follows(std::string &text, std::string_view word, std::size_t least) {
    for (std::size_t at = text.find(word); at != text.npos; at = text.find(word, at + 1)) {
        const std::size_t from = at + word.size(), size = end_of_token(text, from) - from;
        const std::string_view token = std::string_view(text).substr(from, size);
        const bool is_word = token.find_first_of("0123456789+/=_~") == token.npos;
        if (size >= least && !is_word) text.replace(from, size, mask);
    }
}

bool sounds_secret(std::string_view key) {
    constexpr std::string_view names[] = {"token",        "idtoken",      "accesstoken", "refreshtoken", "clientkeydata",
                                          "clientsecret", "sessiontoken", "password",    "secret",       "secretaccesskey",
                                          "apikey",       "privatekey",   "assertion",   "credential",   "clientkey"};
    std::string plain;
    for (const char c : key)
        if (c != '_' && c != '-') plain += c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
    return std::find(std::begin(names), std::end(names), plain) != std::end(names);
}

// "key": "value", with any number of backslashes before the quotation marks.
void hide_members(std::string &text) {
    for (std::size_t colon = text.find(':'); colon != text.npos; colon = text.find(':', colon + 1)) {
        std::size_t key_end = text.find_last_not_of(" \t\n", colon == 0 ? 0 : colon - 1);
        if (key_end == text.npos || colon == 0 || text[key_end] != '"') continue;
        std::size_t quote = key_end;
        while (key_end > 0 && text[key_end - 1] == '\\') --key_end;
        const std::string mark = text.substr(key_end, quote + 1 - key_end); // \"
        const std::size_t key_begin = key_end == 0 ? text.npos : text.rfind('"', key_end - 1);
        if (key_begin == text.npos || !sounds_secret(std::string_view(text).substr(key_begin + 1, key_end - key_begin - 1)))
            continue;
        const std::size_t value = text.find_first_not_of(" \t\n", colon + 1);
        if (value == text.npos || text.compare(value, mark.size(), mark) != 0) continue;
        const std::size_t from = value + mark.size();
        std::size_t end = text.find(mark, from);
        while (mark.size() == 1 && end != text.npos && text[end - 1] == '\\' && end > from) end = text.find(mark, end + 1);
        text.replace(from, end == text.npos ? end : end - from, mask);
    }
}

} // namespace

std::string without_credential_shapes(std::string text) {
    hide_private_keys(text);
    hide_members(text);
    hide_web_tokens(text);
    for (const std::string_view word : {"Bearer ", "bearer ", "Basic "}) hide_what_follows(text, word, 12);
    for (const std::string_view word : {"k8s-aws-v1.", "sha256~"}) hide_what_follows(text, word, 16);
    return text;
}

} // namespace rsf::kubectl::settings
