// SPDX-License-Identifier: Apache-2.0
//
// What a cluster's own description of its kinds is good for: whether an object has fields that its kind does not, which kubectl
// checks before it sends an object and API servers from 1.25 on check themselves (fieldValidation=Strict); and what old servers
// take in any write but an apply. Immutable after construction; thread-safe.
#pragma once

#include <resourcifier/driver.hpp>

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace rsf::kubectl::api {

class FieldCheck {
  public:
    // openapi: what the cluster's /openapi/v2 says (OpenAPI 2.0, "swagger").
    explicit FieldCheck(const json::object &openapi);

    // The path of the first field of the object that its kind does not have, or empty: all are known, or the kind is not
    // described.
    std::string unknown_field(std::string_view api_version, std::string_view kind, const json::object &object) const;

    bool knows(std::string_view api_version, std::string_view kind) const;

    // An apply is refused by old servers for numbers where a quantity is a text (cpu: 1), and for entries of lists that lack a
    // part of their key (a port's protocol): object gets the text and the default.
    void complete(std::string_view api_version, std::string_view kind, json::object &object) const;

  private:
    static constexpr std::size_t anything = 0; // the schema that says nothing
    // What a value may hold.
    struct Schema {
        std::map<std::string, std::size_t, std::less<>> fields; // name to schema
        bool is_closed = false;                                 // no other fields
        std::size_t others = anything;                          // schema of other fields
        std::size_t items = anything;                           // schema of a list's items
        bool is_quantity = false;
        bool needs_protocol = false; // a list whose entries are told apart by it
    };

    std::size_t add(const json::value &schema);
    void fill(std::size_t at, const json::object &schema);
    std::string find(const json::value &value, std::size_t schema, const std::string &path) const;
    void complete(json::value &value, std::size_t schema) const;

    std::vector<Schema> schemas_{Schema{}};
    std::map<std::string, std::size_t, std::less<>> named_; // definitions
    std::map<std::string, std::size_t, std::less<>> kinds_; // "apps/v1 Deployment"
};

} // namespace rsf::kubectl::api
