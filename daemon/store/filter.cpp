// SPDX-License-Identifier: Apache-2.0
#include "store/filter.hpp"

#include <algorithm>

namespace rsf::store {

namespace {

bool is_same_kind(const std::string &one, const std::string &other) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; };
    return std::ranges::equal(one, other, {}, lower, lower);
}

bool is_among(const ObjectName &wanted, const std::vector<Step> &steps) {
    return std::any_of(steps.begin(), steps.end(), [&](const Step &step) {
        return is_same_kind(step.object.kind, wanted.kind) &&
               (wanted.ns.empty() || step.object.ns.empty() || step.object.ns == wanted.ns) &&
               (wanted.name.empty() || step.object.name == wanted.name);
    });
}

} // namespace

bool fits(const Filter &filter, const Operation &operation) {
    return (filter.target.empty() || operation.target == filter.target) &&
           (filter.caller.empty() || operation.caller.name == filter.caller) &&
           (!filter.state || operation.state == *filter.state) && (!filter.since || operation.created >= *filter.since) &&
           (!filter.until || operation.created < *filter.until) && (!filter.object || is_among(*filter.object, operation.steps));
}

} // namespace rsf::store
