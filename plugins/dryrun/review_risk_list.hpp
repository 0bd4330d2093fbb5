// SPDX-License-Identifier: Apache-2.0
//
// review_risk_list.hpp: the parts of review_risks.hpp, by what they look at. Pure functions: each adds what it finds. before may
// be null, after may not.
#pragma once

#include "review_object.hpp"

#include <string>
#include <string_view>
#include <utility>

namespace rsf::dryrun {

class RiskList {
  public:
    void add(std::string path, std::string message) {
        found_.emplace_back(json::object{{"path", std::move(path)}, {"message", std::move(message)}});
    }

    json::array take() { return std::move(found_); }

  private:
    json::array found_;
};

// kind: as qualified_kind says it.
void add_immutable_risks(RiskList &risks, std::string_view kind, const json::object &before, const json::object &after);
void add_access_risks(RiskList &risks, std::string_view kind, const json::object *before, const json::object &after);
void add_pod_risks(RiskList &risks, std::string_view kind, const json::object *before, const json::object &after);

} // namespace rsf::dryrun
