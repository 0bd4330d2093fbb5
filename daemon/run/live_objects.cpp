// SPDX-License-Identifier: Apache-2.0
#include "run/live_objects.hpp"

#include "masking/json_members.hpp"

#include <utility>

namespace rsf::run {

namespace {

namespace json = boost::json;

using masking::text_at;

// "Deployment.v1.apps" where the object says what it is, since its kind decides; "ConfigMap" for what has no group.
std::string type_of(const parse::Resource &resource, const json::object &properties) {
    const std::string kind(text_at(properties, "kind")), api_version(text_at(properties, "apiVersion"));
    if (kind.empty() || api_version.empty()) return kind.empty() ? resource.type : kind;
    const std::size_t slash = api_version.find('/');
    if (slash == api_version.npos) return kind;
    return kind + "." + api_version.substr(slash + 1) + "." + api_version.substr(0, slash);
}

} // namespace

graph::ReadLive reader_of_live(drivers::Driver &driver, ReadingTerms terms) {
    return [&driver, terms = std::move(terms)](const parse::Resource &resource,
                                               const json::object &properties) -> Result<graph::LiveObject> {
        const json::value *value = properties.if_contains("metadata");
        const json::object none, &metadata = value && value->is_object() ? value->get_object() : none;
        drivers::Call call;
        call.verb = drivers::Verb::get;
        call.type = type_of(resource, properties);
        call.name = text_at(metadata, "name");
        if (call.name.empty()) call.name = resource.name;
        call.ns = text_at(metadata, "namespace");
        if (call.ns.empty()) call.ns = terms.ns;
        call.request_id = terms.request_id;
        call.deadline = terms.deadline;
        call.stop = terms.stop;
        drivers::Answer answer = driver.perform(call);
        if (!answer) return Error(std::move(answer.error()));
        return graph::LiveObject{std::move(answer->object), std::move(answer->selflink), std::move(answer->revision)};
    };
}

} // namespace rsf::run
