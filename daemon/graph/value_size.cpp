// SPDX-License-Identifier: Apache-2.0
#include "graph/value_size.hpp"

#include <string_view>
#include <vector>

namespace rsf::graph {

namespace {

using Pending = std::vector<const boost::json::value *>;

void add_parts(const boost::json::object &object, Pending &pending) {
    for (const boost::json::key_value_pair &member : object) pending.push_back(&member.value());
}

void add_parts(const boost::json::value &value, Pending &pending) {
    if (const boost::json::object *object = value.if_object()) add_parts(*object, pending);
    if (const boost::json::array *array = value.if_array())
        for (const boost::json::value &entry : *array) pending.push_back(&entry);
}

} // namespace

std::size_t value_size(const boost::json::value &value) {
    std::size_t bytes = 0;
    Pending pending{&value};
    while (!pending.empty()) {
        const boost::json::value &next = *pending.back();
        pending.pop_back();
        bytes += sizeof next;
        if (const boost::json::string *string = next.if_string()) bytes += string->size();
        if (const boost::json::object *object = next.if_object())
            for (const boost::json::key_value_pair &member : *object) bytes += member.key().size() + sizeof(void *);
        add_parts(next, pending);
    }
    return bytes;
}

} // namespace rsf::graph
