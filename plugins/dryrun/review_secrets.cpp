// SPDX-License-Identifier: Apache-2.0
#include "review_secrets.hpp"
#include "review_object.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <cstring>
#include <mutex>
#include <stdexcept>

namespace rsf::dryrun {
namespace {

constexpr std::size_t shortest = 4;
constexpr std::size_t longest_head = 1024;

bool is_secret(const json::object &object) {
    return find_text(object, "kind") == "Secret" && find_text(object, "apiVersion") == "v1";
}

std::uint32_t beginning(std::string_view text) {
    std::uint32_t value = 0;
    std::memcpy(&value, text.data(), sizeof value);
    return value;
}

std::size_t common_length(std::string_view one, std::string_view other) {
    const auto ends = std::mismatch(one.begin(), one.end(), other.begin(), other.end());
    return static_cast<std::size_t>(ends.first - one.begin());
}

int digit_of(char c) {
    if (c >= 'A' && c <= 'Z') return c - 'A';
    if (c >= 'a' && c <= 'z') return c - 'a' + 26;
    if (c >= '0' && c <= '9') return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

std::string marked_text(const json::value &value) {
    return value.is_string() ? std::string(value.get_string()) : json::serialize(value);
}

} // namespace

bool decode_base64(std::string_view text, std::string &bytes) {
    bytes.clear();
    std::uint32_t bits = 0;
    std::size_t digits = 0, padding = 0;
    for (const char c : text) {
        if (c == '\r' || c == '\n') continue; // as Go's decoder does
        if (c == '=') {
            ++padding;
            continue;
        }
        const int digit = digit_of(c);
        if (digit < 0 || padding > 0) return false;
        bits = bits << 6 | static_cast<std::uint32_t>(digit);
        if (++digits % 4 != 1) bytes += static_cast<char>(bits >> (6 - 2 * ((digits + 3) % 4)) & 0xff);
    }
    return padding <= 2 && (digits + padding) % 4 == 0;
}

std::string encode_base64(std::string_view bytes) {
    std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0'); // and the terminating zero that OpenSSL writes
    const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char *>(text.data()),
                                     reinterpret_cast<const unsigned char *>(bytes.data()), static_cast<int>(bytes.size()));
    text.resize(static_cast<std::size_t>(size));
    return text;
}

SecretTags::SecretTags(std::string key, SecretMarks marks, std::set<std::string, std::less<>> public_values)
    : key_(std::move(key)), marks_(std::move(marks)), public_values_(std::move(public_values)) {
    if (key_.empty()) throw std::invalid_argument("The key of the secrets' tags is empty.");
}

std::string SecretTags::tag(std::string_view bytes) const {
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    if (!HMAC(EVP_sha256(), key_.data(), static_cast<int>(key_.size()), reinterpret_cast<const unsigned char *>(bytes.data()),
              bytes.size(), digest, &size))
        throw std::runtime_error("OpenSSL can't compute HMAC-SHA256.");
    std::string result = "(secret ";
    for (int i = 0; i < 4; ++i) {
        result += "0123456789abcdef"[digest[i] >> 4];
        result += "0123456789abcdef"[digest[i] & 15];
    }
    return result + ")";
}

// ---- learning ----

void SecretTags::learn(const json::object &object, std::string_view type) {
    const std::unique_lock lock(mutex_);
    learn_within(object);
    json::object copy = object;
    marks_.visit(type, copy, [this](const json::value &value) {
        const std::string text = marked_text(value);
        remember(text, text);
    });
}

void SecretTags::learn_within(const json::object &object) {
    if (is_secret(object)) return learn_secret(object);
    for (const auto &member : object) learn_within(member.value());
}

void SecretTags::learn_within(const json::value &value) {
    if (value.is_object()) learn_within(value.get_object());
    if (value.is_array())
        for (const json::value &entry : value.get_array()) learn_within(entry);
}

void SecretTags::learn_secret(const json::object &secret) {
    std::string bytes;
    for (const bool is_base64 : {true, false}) {
        const json::object *values = find_object(secret, is_base64 ? "data" : "stringData");
        if (!values) continue;
        for (const auto &[key, value] : *values) {
            if (!value.is_string()) continue;
            const std::string_view text = value.get_string();
            if (is_base64 && decode_base64(text, bytes))
                remember(bytes, text);
            else
                remember(text, text);
        }
    }
}

void SecretTags::remember(std::string_view bytes, std::string_view written) {
    if (bytes.size() < shortest || public_values_.count(bytes)) return;
    const std::string its_tag = tag(bytes);
    std::string escaped = json::serialize(json::string(bytes));
    escaped = escaped.substr(1, escaped.size() - 2);
    for (const std::string_view form : {std::string_view(escaped), bytes, written}) add(form, its_tag);
    add(encode_base64(bytes), its_tag);
}

void SecretTags::add(std::string_view text, const std::string &its_tag) {
    std::vector<Value> &same_head = values_[std::string(text.substr(0, longest_head))];
    for (const Value &value : same_head)
        if (value.text == text) return;
    beginnings_.insert(beginning(text));
    same_head.push_back({std::string(text), its_tag});
}

// ---- masking ----

// The longest part at the beginning of text that is a remembered value, else what begins like a long one; empty: none.
std::string_view SecretTags::match(std::string_view text, const std::string **its_tag) const {
    if (text.size() < shortest || !beginnings_.count(beginning(text))) return {};
    std::string_view at_most = text.substr(0, longest_head);
    while (at_most.size() >= shortest) {
        // Of the heads that text begins with the longest is the greatest, and none of them is greater than at_most.
        auto head = values_.upper_bound(at_most);
        if (head == values_.begin()) return {};
        --head;
        const std::size_t common = common_length(head->first, at_most);
        if (common < head->first.size()) {
            at_most = at_most.substr(0, common);
            continue;
        }
        std::size_t length = 0;
        bool is_whole = false;
        for (const Value &value : head->second) {
            const std::size_t agreed = common_length(value.text, text);
            const bool agrees_wholly = agreed == value.text.size();
            if (agrees_wholly == is_whole ? agreed <= length : is_whole) continue;
            length = agreed;
            is_whole = agrees_wholly;
            *its_tag = &value.tag;
        }
        return text.substr(0, length);
    }
    return {};
}

std::string SecretTags::masked_locked(std::string text) const {
    std::string result;
    std::size_t copied = 0;
    for (std::size_t i = 0; i + shortest <= text.size();) {
        const std::string *its_tag = nullptr;
        const std::string_view found = match(std::string_view(text).substr(i), &its_tag);
        if (found.empty()) {
            ++i;
            continue;
        }
        result.append(text, copied, i - copied).append(*its_tag);
        copied = i += found.size();
    }
    if (copied == 0) return text;
    return result.append(text, copied);
}

std::string SecretTags::masked_text(std::string text) const {
    const std::shared_lock lock(mutex_);
    return masked_locked(std::move(text));
}

json::object SecretTags::masked(json::object object, std::string_view type) const {
    const std::shared_lock lock(mutex_);
    marks_.visit(type, object, [this](json::value &value) {
        const std::string text = marked_text(value);
        if (!public_values_.count(text)) value = tag(text);
    });
    json::value value = std::move(object);
    mask(value, true);
    return std::move(value.get_object());
}

void SecretTags::mask(json::value &value, bool is_whole) const {
    if (value.is_string()) {
        json::string &text = value.get_string();
        const std::string result = masked_locked(std::string(text));
        if (result != text) text = result;
    } else if (value.is_array()) {
        for (json::value &entry : value.get_array()) mask(entry, false);
    } else if (value.is_object()) {
        json::object &object = value.get_object();
        const bool secret = is_secret(object);
        for (auto &member : object) {
            const std::string_view key = member.key();
            if (secret && (key == "data" || key == "stringData")) continue;
            if ((secret || is_whole) && (key == "apiVersion" || key == "kind")) continue;
            json::object *metadata = is_whole && key == "metadata" ? member.value().if_object() : nullptr;
            if (!metadata) {
                mask(member.value(), false);
                continue;
            }
            for (auto &inner : *metadata)
                if (inner.key() != "name" && inner.key() != "namespace") mask(inner.value(), false);
        }
        if (secret) mask_secret(object);
    }
}

void SecretTags::mask_secret(json::object &secret) const {
    for (const char *key : {"data", "stringData"}) {
        json::value *values = secret.if_contains(key);
        if (!values || values->is_null()) continue;
        const bool is_base64 = std::strcmp(key, "data") == 0;
        if (!values->is_object())
            *values = tag_of_entry(*values, is_base64);
        else
            for (auto &member : values->get_object())
                if (!member.value().is_null()) member.value() = tag_of_entry(member.value(), is_base64);
    }
    json::object *annotations = find_mutable(secret, "metadata.annotations");
    json::value *applied = annotations ? annotations->if_contains(last_applied) : nullptr;
    if (applied) *applied = tag_of_entry(*applied, false);
}

std::string SecretTags::tag_of_entry(const json::value &value, bool is_base64) const {
    if (!value.is_string()) return tag(json::serialize(value));
    const std::string_view text = value.get_string();
    std::string decoded;
    const std::string_view bytes = is_base64 && decode_base64(text, decoded) ? std::string_view(decoded) : text;
    return public_values_.count(bytes) ? std::string(bytes) : tag(bytes);
}

} // namespace rsf::dryrun
