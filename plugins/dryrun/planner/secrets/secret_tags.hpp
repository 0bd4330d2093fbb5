// SPDX-License-Identifier: Apache-2.0
//
// secret_tags.hpp: replaces the values of Secrets, and other values that a driver marks as secret, by tags. Equal values have
// equal tags, and nothing else can be learnt from a tag. Thread-safe.
#pragma once

#include "masking/secret_marks.hpp"
#include "masking/secret_search.hpp"

#include <resourcifier/driver.hpp>

#include <set>
#include <shared_mutex>
#include <string>
#include <string_view>

namespace rsf::dryrun::planner {

using masking::SecretMarks;

class SecretTags {
  public:
    // key: random bytes, new for each plan and kept secret: with the key, short values could be guessed from their tags. Not
    // empty. marks: of the target's driver. public_values: placeholders such as "(known after x)", which are shown even in a
    // Secret.
    explicit SecretTags(std::string key, SecretMarks marks = {}, std::set<std::string, std::less<>> public_values = {});

    // Remembers the secret values in object, also of Secrets within it (masking/secret_values.hpp), and those that are marked in
    // objects of that type, so that copies of them elsewhere are masked, too.
    void learn(const json::object &object, std::string_view type = {});

    // Whether an object of that type is a Secret, or has marked values.
    bool is_secret(const json::object &object, std::string_view type) const;

    // object with each value of a Secret's data and stringData as "(secret 1a2b3c4d)": the first 8 digits of the HMAC-SHA256 of
    // its bytes, the same for both ways to write them. The same for marked values. What was learnt is masked wherever a string or
    // a key holds it (masking/secret_search.hpp); what an object is called (apiVersion, kind, name and namespace) stays.
    json::object masked(json::object object, std::string_view type = {}) const;

    // The same for a sentence.
    std::string masked_text(std::string text) const;

    // "(secret 1a2b3c4d)"
    std::string tag(std::string_view bytes) const;

  private:
    void remember(std::string_view bytes);
    void mask(json::value &value, std::string_view type, bool is_whole) const;
    void mask_secret(json::object &secret) const;
    json::value tag_of_entry(const json::value &value, bool is_base64) const;

    const std::string key_;
    const SecretMarks marks_;
    const std::set<std::string, std::less<>> public_values_;
    mutable std::shared_mutex mutex_;
    masking::SecretSearch search_; // guarded by mutex_, which readers share: clang can't check it
};

} // namespace rsf::dryrun::planner
