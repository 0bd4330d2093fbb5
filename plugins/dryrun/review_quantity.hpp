// SPDX-License-Identifier: Apache-2.0
//
// review_quantity.hpp: quantities as Kubernetes writes them, compared exactly. Pure functions. Source:
// https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
#pragma once

#include <resourcifier/driver.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace rsf::dryrun {

class Quantity {
  public:
    // Empty: text is none, or has over 64 characters. Unlike a server's, a fraction of a billionth is not rounded up.
    static std::optional<Quantity> parsed(std::string_view text);

    // Of a string or a number: clients may write cpu: 2.
    static std::optional<Quantity> of(const json::value &value);

    // The same for equal ones, as an exponent: -15e-1.
    std::string text() const;

    bool operator==(const Quantity &) const = default;
    bool operator<(const Quantity &other) const;

  private:
    // The value is digits times ten to the exponent. No zeros lead or trail, and zero has no digits, so equal values are equal
    // here.
    bool negative_ = false;
    std::string digits_;
    int exponent_ = 0;
};

} // namespace rsf::dryrun
