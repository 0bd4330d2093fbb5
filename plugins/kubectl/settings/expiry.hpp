// SPDX-License-Identifier: Apache-2.0
//
// When the credentials end that kubectl uses: the client certificate's notAfter, and the exp of a bearer token that is a JWT,
// which is not verified. Those of a credential program are not known. Thread-safe.
#pragma once

#include "kubectl/settings/settings.hpp"
#include "shared/mutex.hpp"

#include <ctime>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rsf::kubectl::settings {

// The notAfter of the first certificate in a PEM text; none: there is none.
std::optional<std::time_t> certificate_expiry(const std::string &pem);

// The exp of a JWT (RFC 7519, 4.1.4); none: it is no JWT, or has no exp. Whose signature it has does not matter.
std::optional<std::time_t> token_expiry(std::string_view token);

class Expiry {
  public:
    // files: the kubeconfigs that kubectl reads, in its order. Both outlive it.
    Expiry(const Settings &settings, const std::vector<std::string> &files) : settings_(settings), files_(files) {}

    // Of the credential that ends first, as RFC 3339 has it, in UTC; empty: nothing is known. Reads again what has changed.
    std::string soonest() const;

  private:
    struct Found {
        std::optional<std::time_t> at;
        std::vector<std::string> files; // that were looked at
    };
    Found look() const;

    const Settings &settings_;
    const std::vector<std::string> &files_;

    mutable shared::Mutex mutex_;
    // What was found in the files of that stamp.
    mutable Found found_ GUARDED_BY(mutex_);
    mutable std::string stamp_ GUARDED_BY(mutex_);
};

} // namespace rsf::kubectl::settings
