// SPDX-License-Identifier: Apache-2.0
//
// quantity.hpp: quantities as Kubernetes writes them, compared exactly. Pure functions. Source:
// https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
#pragma once

#include <resourcifier/driver.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace rsf::dryrun::objects {

class Quantity {
  public:
    // Empty: text is not a quantity, or has more than 64 characters. A fraction of a billionth is not rounded up, as a server
    // would.
    static std::optional<Quantity> parsed(std::string_view text);

    // From a string or a number: clients may write "cpu: 2".
    static std::optional<Quantity> of(const json::value &value);

    // Canonical, with an exponent: -15e-1.
    std::string text() const;

    bool operator<(const Quantity &other) const;

  private:
    // The value is digits times ten to the exponent. digits have no leading or trailing zeros, and zero has no digits, so that
    // equal values have equal members.
    bool negative_ = false;
    std::string digits_;
    int exponent_ = 0;
};

} // namespace rsf::dryrun::objects
