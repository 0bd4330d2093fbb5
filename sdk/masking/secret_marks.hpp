// SPDX-License-Identifier: Apache-2.0
//
// Which values of another cluster's objects its driver says are secret (rsf.secret/1). Immutable.
#pragma once

#include <boost/json.hpp>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace rsf::masking {

namespace json = boost::json;

class SecretMarks {
  public:
    SecretMarks() = default;
    // described: as rsf_secret has it; the host has checked its form.
    explicit SecretMarks(const json::array &described);

    // Visits every marked value of an object of that type, or that kind, which is neither an object nor a list nor null.
    void visit(std::string_view type, json::object &object, const std::function<void(json::value &)> &visitor) const;

    // Whether there may be any in such an object.
    bool has(std::string_view type, std::string_view kind) const;

  private:
    struct Mark {
        std::string type; // in small letters; "*": every one
        std::vector<std::string> path;

        bool is_of(std::string_view asked, std::string_view kind) const { return type == "*" || type == asked || type == kind; }
    };
    std::vector<Mark> marks_;
};

} // namespace rsf::masking
