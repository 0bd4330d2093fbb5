// SPDX-License-Identifier: Apache-2.0
//
// review_secrets.hpp: the values of Secrets, and whatever else a driver marks as secret, do not appear in a plan: in their place
// stands a tag that tells whether two are the same, and nothing else. Thread-safe.
#pragma once

#include "review_marks.hpp"

#include <resourcifier/driver.hpp>

#include <cstdint>
#include <map>
#include <set>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace rsf::dryrun {

class SecretTags {
  public:
    // key: random bytes, drawn anew for each plan: with it short values could be guessed from their tags. Not empty.
    // marks: of the target's driver. public_values: what is shown even as the value of a Secret, since it only stands in the
    // place of one: "(known after x)".
    explicit SecretTags(std::string key, SecretMarks marks = {}, std::set<std::string, std::less<>> public_values = {});

    // Remembers the values of object, and of whatever in it, if that is a Secret, and what is marked in an object of that type,
    // so that they are masked elsewhere, too: as they are, as base64, and escaped as in JSON. Values of less than 4 bytes are too
    // common to be looked for.
    void learn(const json::object &object, std::string_view type = {});

    // object with each value of a Secret's data and stringData as "(secret 1a2b3c4d)": the first 8 digits of the HMAC-SHA256 of
    // its bytes, the same for both ways to write them. The same for marked values. What was learnt is masked wherever a string
    // holds it; keys, and what an object is called (apiVersion, kind, name and namespace), stay. Takes time as the text is long,
    // times the logarithm of what was learnt.
    json::object masked(json::object object, std::string_view type = {}) const;

    // The same for sentences.
    std::string masked_text(std::string text) const;

    // "(secret 1a2b3c4d)"
    std::string tag(std::string_view bytes) const;

  private:
    struct Value {
        std::string text;
        std::string tag;
    };

    void learn_within(const json::object &object);
    void learn_within(const json::value &value);
    void learn_secret(const json::object &secret);
    void remember(std::string_view bytes, std::string_view written);
    void add(std::string_view text, const std::string &tag);
    void mask(json::value &value, bool is_whole) const;
    void mask_secret(json::object &secret) const;
    std::string tag_of_entry(const json::value &value, bool is_base64) const;
    std::string masked_locked(std::string text) const;
    std::string_view match(std::string_view text, const std::string **tag) const;

    const std::string key_;
    const SecretMarks marks_;
    const std::set<std::string, std::less<>> public_values_;
    mutable std::shared_mutex mutex_;
    // guarded by mutex_
    std::map<std::string, std::vector<Value>, std::less<>> values_; // by their first 1,024 bytes, so that a search ends soon
    std::unordered_set<std::uint32_t> beginnings_;                  // the first four bytes of each
};

// Whether text is base64, padded and with line ends or without, as a Secret's data has it; bytes: what it says.
bool decode_base64(std::string_view text, std::string &bytes);
std::string encode_base64(std::string_view bytes);

} // namespace rsf::dryrun
