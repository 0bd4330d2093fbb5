// SPDX-License-Identifier: Apache-2.0
#include "record.hpp"

namespace rsf::dryrun::storage {
namespace {

// Labels that are no strings are left out.
Labels labels_of(const json::object &object) {
    Labels labels;
    const json::value *metadata = object.if_contains("metadata");
    const json::value *found = metadata && metadata->is_object() ? metadata->get_object().if_contains("labels") : nullptr;
    if (!found || !found->is_object()) return labels;
    for (const auto &[key, value] : found->get_object())
        if (value.is_string()) labels.emplace_back(key, value.get_string());
    return labels;
}

} // namespace

RecordPtr record_of(std::string text, const json::object &object, Origin origin) {
    return std::make_shared<const Record>(Record{std::move(text), labels_of(object), std::move(origin)});
}

} // namespace rsf::dryrun::storage
