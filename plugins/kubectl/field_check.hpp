// SPDX-License-Identifier: Apache-2.0
//
// Whether an object has fields that its kind does not: what kubectl checks before it sends an object, and API servers from 1.25
// on check themselves (fieldValidation=Strict). Immutable after construction; thread-safe.
#pragma once

#include <resourcifier/driver.hpp>

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace rsf::kubectl {

class FieldCheck {
  public:
    // openapi: what the cluster's /openapi/v2 says (OpenAPI 2.0, "swagger").
    explicit FieldCheck(const json::object &openapi);

    // The path of the first field of the object that its kind does not have, or empty: all are known, or the kind is not
    // described.
    std::string unknown_field(std::string_view api_version, std::string_view kind, const json::object &object) const;

  private:
    static constexpr std::size_t anything = 0; // the schema that says nothing
    // What a value may hold.
    struct Schema {
        std::map<std::string, std::size_t, std::less<>> fields; // name to schema
        bool is_closed = false;                                 // no other fields
        std::size_t others = anything;                          // schema of other fields
        std::size_t items = anything;                           // schema of a list's items
    };

    std::size_t add(const json::value &schema);
    void fill(std::size_t at, const json::object &schema);
    std::string find(const json::value &value, std::size_t schema, const std::string &path) const;

    std::vector<Schema> schemas_{Schema{}};
    std::map<std::string, std::size_t, std::less<>> named_; // definitions
    std::map<std::string, std::size_t, std::less<>> kinds_; // "apps/v1 Deployment"
};

} // namespace rsf::kubectl
