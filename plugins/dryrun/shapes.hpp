// SPDX-License-Identifier: Apache-2.0
//
// shapes.hpp: the table of what an object of a built-in kind must look like. Much less than a cluster knows, and nothing that one
// would take is refused. Constant. Source: https://kubernetes.io/docs/reference/kubernetes-api/ (each kind's page).
#pragma once

#include <span>
#include <string_view>

namespace rsf::dryrun {

enum class Shape {
    text,
    boolean,
    object,
    array,     // where required: with at least one entry
    texts,     // an object of strings
    labels,    // texts in a label's syntax
    base64,    // a string
    count,     // a whole number, 0 or more
    port,      // 1 to 65535
    port_name, // a port or a string
    quantity,  // a string or a number
    dns_label, // a string
    name,      // a non-empty string
};

struct Rule {
    std::string_view kind; // Deployment.apps
    std::string_view path; // "[]" stands for each entry of an array, "*" for each member of an object
    Shape shape;
    bool required = false;         // where what holds it is there
    std::string_view allowed = {}; // text: one of these, separated by spaces
};

// By kind.
std::span<const Rule> shapes();

// The rules of a pod's spec: kind is empty, and path is seen from there.
std::span<const Rule> pod_shapes();

// Where an object of the kind holds a pod's spec ("spec.template.spec"), or empty.
std::string_view pod_path(std::string_view kind);

struct Immutable {
    std::string_view kind;
    std::string_view path;
};

// What replace may not change. A member that one of both does not have counts as unchanged: it may have a default.
std::span<const Immutable> immutables();

} // namespace rsf::dryrun
