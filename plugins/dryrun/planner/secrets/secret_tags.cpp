// SPDX-License-Identifier: Apache-2.0
#include "secret_tags.hpp"
#include "dryrun/planner/object.hpp"

#include "masking/base64.hpp"
#include "masking/secret_values.hpp"

#include <resourcifier/kubernetes.hpp>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <mutex>
#include <stdexcept>

namespace rsf::dryrun::planner {

using namespace objects;

namespace {

std::string marked_text(const json::value &value) {
    return value.is_string() ? std::string(value.get_string()) : json_text(value);
}

} // namespace

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

void SecretTags::remember(std::string_view bytes) {
    if (masking::has_reference(bytes)) return; // the step that fills it in learns its value
    if (!public_values_.count(bytes)) search_.add(bytes, tag(bytes));
}

void SecretTags::learn(const json::object &object, std::string_view type) {
    const std::unique_lock lock(mutex_);
    masking::each_secret(object, type, [this](std::string_view bytes) { remember(bytes); });
    if (!marks_.has(type, find_text(object, "kind"))) return;
    json::object copy = object;
    marks_.visit(type, copy, [this](const json::value &value) {
        masking::each_secret_part(marked_text(value), [this](std::string_view bytes) { remember(bytes); });
    });
}

bool SecretTags::is_secret(const json::object &object, std::string_view type) const {
    return masking::is_secret(object, type) || marks_.has(type, find_text(object, "kind"));
}

// ---- masking ----

std::string SecretTags::masked_text(std::string text) const {
    const std::shared_lock lock(mutex_);
    return search_.masked_text(std::move(text));
}

json::object SecretTags::masked(json::object object, std::string_view type) const {
    const std::shared_lock lock(mutex_);
    marks_.visit(type, object, [this](json::value &value) {
        const std::string text = marked_text(value);
        if (!public_values_.count(text)) value = tag(text);
    });
    json::value value = std::move(object);
    mask(value, type, true);
    return std::move(value.get_object());
}

// is_whole: value is the object of a resource, whose name and the like stay.
void SecretTags::mask(json::value &value, std::string_view type, bool is_whole) const {
    if (json::array *list = value.if_array()) {
        for (json::value &entry : *list) mask(entry, {}, false);
        return;
    }
    json::object *object = value.if_object();
    if (!object) return search_.mask(value);
    const bool secret = masking::is_secret(*object, type);
    const std::string_view entries = kubernetes::lower(find_text(*object, "kind")) == "secretlist" ? "items" : "";
    for (auto &member : *object) {
        const std::string_view key = member.key();
        if (secret && !masking::is_public_in_secret(key)) continue; // tagged as a whole below
        if ((secret || is_whole) && (key == "apiVersion" || key == "kind")) continue;
        json::object *metadata = is_whole && key == "metadata" ? member.value().if_object() : nullptr;
        if (metadata) {
            for (auto &inner : *metadata)
                if (inner.key() != "name" && inner.key() != "namespace" &&
                    !(secret && !masking::is_public_in_metadata(inner.key())))
                    mask(inner.value(), {}, false);
        } else if (json::array *items = key == entries ? member.value().if_array() : nullptr) {
            for (json::value &item : *items) mask(item, "Secret", false);
        } else {
            mask(member.value(), {}, false);
        }
    }
    if (secret) mask_secret(*object);
    search_.mask_keys(*object);
}

void SecretTags::mask_secret(json::object &secret) const {
    for (auto &member : secret)
        if (!masking::is_public_in_secret(member.key())) member.value() = tag_of_entry(member.value(), member.key() == "data");
    if (json::object *metadata = find_mutable(secret, "metadata"))
        for (auto &member : *metadata)
            if (!masking::is_public_in_metadata(member.key())) member.value() = tag_of_entry(member.value(), false);
    json::object *annotations = find_mutable(secret, "metadata.annotations");
    json::value *applied = annotations ? annotations->if_contains(last_applied) : nullptr;
    if (applied) *applied = tag(marked_text(*applied));
}

// The tag of an entry, or of each entry of a mapping.
json::value SecretTags::tag_of_entry(const json::value &value, bool is_base64) const {
    if (value.is_null()) return value;
    if (const json::object *entries = value.if_object()) {
        json::object tags = *entries;
        for (auto &member : tags)
            member.value() = member.value().is_object() ? json::value(tag(json_text(member.value())))
                                                        : tag_of_entry(member.value(), is_base64);
        return tags;
    }
    const std::string text = marked_text(value);
    std::string decoded;
    std::string_view bytes = text;
    if (is_base64 && value.is_string() && masking::decode_base64(text, decoded)) bytes = decoded;
    return json::string(public_values_.count(bytes) ? std::string(bytes) : tag(bytes));
}

} // namespace rsf::dryrun::planner
