// SPDX-License-Identifier: Apache-2.0
//
// kubernetes/deletion.hpp: whom a delete is about, for drivers for Kubernetes and clusters like it. A delete always gets rid of
// its object: what can't be there is absent already, and no reason to fail. Header-only C++17. Pure; thread-safe.
#ifndef RESOURCIFIER_KUBERNETES_DELETION_HPP
#define RESOURCIFIER_KUBERNETES_DELETION_HPP

#include "identity.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace rsf::kubernetes {

struct Deletion {
    std::optional<Identity> identity; // none: no object can ever have been made from this document
    std::string why;                  // then a sentence
};

// As identify, of an object that is to go. A list, metadata.generateName, a kind that nothing tells, a name that no cluster
// takes: no such object can be there. A name that only the kind's own rule forbids is the cluster's to judge. Throws Error
// (Code::invalid) where object and request name two namespaces, since which is meant is not told; and where the name is one that
// a cluster takes, but that can't be sent.
inline Deletion identify_to_delete(json::object &object, std::string_view type, std::string_view name,
                                   std::string_view ns_of_request) {
    const auto identified = [&](std::string_view ns) {
        return detail::identify_as(object, type, name, ns, detail::fault_of_deleted_name);
    };
    Identity identity;
    try {
        identity = identified({});
    } catch (const Error &error) {
        if (error.code != Code::invalid) throw;
        return {std::nullopt, error.what()};
    }
    if (const char *fault = fault_of_any_name(identity.name))
        detail::refuse("Whether there is a " + identity.kind + " " + detail::in_quotes(identity.name) +
                       " can't be asked: " + fault + ". Delete it with other means.");
    if (ns_of_request.empty()) return {std::move(identity), {}};
    const bool says_namespace = !detail::text_in(object.at("metadata").get_object(), "namespace").empty();
    try {
        return {identified(ns_of_request), {}};
    } catch (const Error &error) {
        if (error.code != Code::invalid || says_namespace) throw;
        return {std::nullopt, error.what()}; // the request's namespace can't be one
    }
}

} // namespace rsf::kubernetes

#endif
