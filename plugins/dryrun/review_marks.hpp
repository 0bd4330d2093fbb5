// SPDX-License-Identifier: Apache-2.0
//
// review_marks.hpp: which values of another cluster's objects its driver says are secret (rsf.secret/1). Immutable.
#pragma once

#include <resourcifier/driver.hpp>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace rsf::dryrun {

class SecretMarks {
  public:
    SecretMarks() = default;
    // described: as rsf_secret has it; the host has checked its form.
    explicit SecretMarks(const json::array &described);

    // Visits every marked value of an object of that type, or that kind, which is neither an object nor a list nor null.
    void visit(std::string_view type, json::object &object, const std::function<void(json::value &)> &visitor) const;

  private:
    struct Mark {
        std::string type; // in small letters; "*": every one
        std::vector<std::string> path;
    };
    std::vector<Mark> marks_;
};

} // namespace rsf::dryrun
