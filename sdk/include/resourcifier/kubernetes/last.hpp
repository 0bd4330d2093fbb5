// SPDX-License-Identifier: Apache-2.0
//
// kubernetes/last.hpp: what is made after all else of its configuration, and removed first: configurations of webhooks, which
// would have a say about objects whose own programs are not there yet, or not any more. Header-only C++17; a part of
// kubernetes.hpp. Pure; everything is thread-safe.
#ifndef RESOURCIFIER_KUBERNETES_LAST_HPP
#define RESOURCIFIER_KUBERNETES_LAST_HPP

#include "../driver.hpp"
#include "kinds.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace rsf::kubernetes::detail {

inline bool comes_last(const Kind &kind) {
    return kind.group == "admissionregistration.k8s.io" && kind.plural.find("webhook") != kind.plural.npos;
}

// Calls use(name) for each reference $(ref.NAME.PATH) in the text.
template <class Use> void for_each_reference(std::string_view text, Use use) {
    constexpr std::string_view mark = "$(ref.";
    for (std::size_t at = text.find(mark); at != text.npos; at = text.find(mark, at)) {
        at += mark.size();
        use(text.substr(at, text.find_first_of(".)", at) - at));
    }
}

// Which resources refer to one of those that are last, directly or through others, themselves among them if they refer to
// another.
inline std::vector<bool> after_the_last(const std::vector<rsf::Resource> &resources, const std::vector<std::size_t> &last) {
    std::unordered_map<std::string_view, std::vector<std::size_t>> referring; // by the name that they refer to
    for (std::size_t i = 0; i < resources.size(); ++i)
        for_each_reference(resources[i].object_text, [&](std::string_view name) {
            std::vector<std::size_t> &list = referring[name];
            if (list.empty() || list.back() != i) list.push_back(i);
        });
    std::vector<bool> found(resources.size(), false);
    std::vector<std::size_t> open = last;
    while (!open.empty()) {
        const auto next = referring.find(resources[open.back()].name);
        open.pop_back();
        if (next == referring.end()) continue;
        for (const std::size_t i : next->second)
            if (!found[i]) {
                found[i] = true;
                open.push_back(i);
            }
    }
    return found;
}

// One of the last that refers to none of the others is the gate: all that does not refer to them is before it, and it is before
// the others of them. So there are no more edges than resources.
template <class Add> void order_last(const std::vector<rsf::Resource> &resources, const std::vector<std::size_t> &last, Add add) {
    if (last.empty()) return;
    const std::vector<bool> after = after_the_last(resources, last);
    std::vector<bool> is_last(resources.size(), false);
    std::size_t gate = resources.size();
    for (const std::size_t i : last) {
        is_last[i] = true;
        if (gate == resources.size() && !after[i]) gate = i;
    }
    if (gate == resources.size()) return; // they refer to each other in a circle, which is said elsewhere
    for (std::size_t i = 0; i < resources.size(); ++i) {
        if (i == gate) continue;
        if (is_last[i])
            add(gate, i, "webhook configurations one after another");
        else if (!after[i])
            add(i, gate, "webhook configuration after the rest");
    }
}

} // namespace rsf::kubernetes::detail

#endif
