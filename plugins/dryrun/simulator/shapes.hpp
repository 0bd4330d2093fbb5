// SPDX-License-Identifier: Apache-2.0
//
// shapes.hpp: the table of rules for the objects of built-in kinds. A cluster has many more; an object that a cluster accepts
// follows these. Constant. Source: https://kubernetes.io/docs/reference/kubernetes-api/ (each kind's page).
#pragma once

#include <span>
#include <string_view>

namespace rsf::dryrun::simulator {

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
    bool required = false;         // where the object around it is present
    std::string_view allowed = {}; // text: one of these, separated by spaces
};

// By kind.
std::span<const Rule> shapes();

// The rules of a pod's spec: kind is empty, and path begins in the spec.
std::span<const Rule> pod_shapes();

struct Immutable {
    std::string_view kind;
    std::string_view path;
};

// The fields that a write can't change. A field that one of both objects lacks counts as unchanged: it may have a default.
std::span<const Immutable> immutables();

} // namespace rsf::dryrun::simulator
