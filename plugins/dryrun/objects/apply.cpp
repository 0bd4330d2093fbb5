// SPDX-License-Identifier: Apache-2.0
#include "apply.hpp"

#include "list_pairs.hpp"

#include <utility>

namespace rsf::dryrun::objects {
namespace {

json::value laid(const Place &place, json::value live, const json::value &wanted);

// In the order of live, unless wanted has the common entries in another order.
json::array laid_by_key(const Place &place, json::array live, const json::array &wanted, const Pairs &pairs) {
    json::array result;
    if (!pairs.reordered) result = live;
    for (const Pair &pair : pairs.list) {
        json::value entry = pair.after == none    ? live[pair.before]
                            : pair.before == none ? wanted[pair.after]
                                                  : laid(place, live[pair.before], wanted[pair.after]);
        if (pairs.reordered || pair.before == none)
            result.push_back(std::move(entry));
        else
            result[pair.before] = std::move(entry);
    }
    return result;
}

json::value laid(const Place &place, json::value live, const json::value &wanted) {
    if (live.is_object() && wanted.is_object()) {
        for (const auto &[key, value] : wanted.get_object()) {
            json::value &at = live.get_object()[key];
            at = laid(place.at(key), std::move(at), value);
        }
        return live;
    }
    if (live.is_array() && wanted.is_array()) {
        const Pairs pairs = paired_for_apply(place, live.get_array(), wanted.get_array());
        if (pairs.is_keyed()) return laid_by_key(place, std::move(live.get_array()), wanted.get_array(), pairs);
    }
    return wanted;
}

} // namespace

json::object applied(json::object live, const json::object &wanted) {
    return std::move(laid({}, std::move(live), wanted).as_object());
}

} // namespace rsf::dryrun::objects
