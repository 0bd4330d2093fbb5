// SPDX-License-Identifier: Apache-2.0
//
// risk_list.hpp: the risks of fields that can't be changed, of access and of pods, which risks.hpp puts together. Each
// function adds the risks that it finds and has no other effect. before may be null, after may not.
#pragma once

#include "dryrun/planner/object.hpp"

#include <string>
#include <string_view>
#include <utility>

namespace rsf::dryrun::planner {

class RiskList {
  public:
    void add(std::string path, std::string message) {
        found_.emplace_back(json::object{{"path", std::move(path)}, {"message", std::move(message)}});
    }

    json::array take() { return std::move(found_); }

  private:
    json::array found_;
};

// kind: as qualified_kind returns it.
void add_immutable_risks(RiskList &risks, std::string_view kind, const json::object &before, const json::object &after);
void add_access_risks(RiskList &risks, std::string_view kind, const json::object *before, const json::object &after);
void add_pod_risks(RiskList &risks, std::string_view kind, const json::object *before, const json::object &after);

} // namespace rsf::dryrun::planner
