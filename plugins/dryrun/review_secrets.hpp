// SPDX-License-Identifier: Apache-2.0
//
// review_secrets.hpp: the values of Secrets, and whatever else a driver marks as secret, do not appear in a plan: in their place
// stands a tag that tells whether two are the same, and nothing else. Thread-safe.
#pragma once

#include "masking/secret_marks.hpp"
#include "masking/secret_search.hpp"

#include <resourcifier/driver.hpp>

#include <set>
#include <shared_mutex>
#include <string>
#include <string_view>

namespace rsf::dryrun {

using masking::SecretMarks;

class SecretTags {
  public:
    // key: random bytes, drawn anew for each plan: with it short values could be guessed from their tags. Not empty.
    // marks: of the target's driver. public_values: what is shown even as the value of a Secret, since it only stands in the
    // place of one: "(known after x)".
    explicit SecretTags(std::string key, SecretMarks marks = {}, std::set<std::string, std::less<>> public_values = {});

    // Remembers what of object, and of whatever in it, is secret (masking/secret_values.hpp) or marked in an object of that type,
    // so that it is masked elsewhere, too.
    void learn(const json::object &object, std::string_view type = {});

    // Whether learn() may find something in an object of that type by itself, without looking elsewhere.
    bool is_secret(const json::object &object, std::string_view type) const;

    // object with each value of a Secret's data and stringData as "(secret 1a2b3c4d)": the first 8 digits of the HMAC-SHA256 of
    // its bytes, the same for both ways to write them. The same for marked values. What was learnt is masked wherever a string or
    // a key holds it (masking/secret_search.hpp); what an object is called (apiVersion, kind, name and namespace) stays.
    json::object masked(json::object object, std::string_view type = {}) const;

    // The same for sentences.
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
    masking::SecretSearch search_; // guarded by mutex_
};

} // namespace rsf::dryrun
