// SPDX-License-Identifier: Apache-2.0
//
// faults.hpp: the faults of an object, with the messages of Kubernetes' API server. Not thread-safe.
#pragma once

#include <resourcifier/driver.hpp>

#include <string>
#include <string_view>

namespace rsf::dryrun::simulator {

class Faults {
  public:
    // show_values: false for objects with secret values.
    explicit Faults(bool show_values) : show_values_(show_values) {}

    void required(std::string path, std::string_view detail = {}) {
        add("FieldValueRequired", std::move(path), "Required value" + (detail.empty() ? "" : ": " + std::string(detail)));
    }
    void invalid(std::string path, const json::value &value, std::string_view detail) {
        add("FieldValueInvalid", std::move(path), "Invalid value: " + shown(value) + std::string(detail));
    }
    void duplicate(std::string path, const json::value &value) {
        add("FieldValueDuplicate", std::move(path), "Duplicate value" + (show_values_ ? ": " + json_text(value) : ""));
    }
    // allowed: separated by spaces
    void unsupported(std::string path, const json::value &value, std::string_view allowed);
    void forbidden(std::string path, std::string_view detail) {
        add("FieldValueForbidden", std::move(path), "Forbidden: " + std::string(detail));
    }

    // Throws them all as one, if there are any. qualified: Deployment.apps
    void throw_if_any(std::string_view qualified, std::string_view name) const;

  private:
    void add(std::string_view reason, std::string path, std::string message);
    std::string shown(const json::value &value) const;

    const bool show_values_;
    json::array causes_;
    std::string text_;
};

} // namespace rsf::dryrun::simulator
