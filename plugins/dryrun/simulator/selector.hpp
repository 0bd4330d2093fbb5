// SPDX-License-Identifier: Apache-2.0
//
// selector.hpp: label and field selectors, in kubectl's grammar. Constant once made, so thread-safe. The constructors throw
// Error(invalid) for text that does not follow the grammar. Source:
// https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors and field-selectors/ beside.
#pragma once

#include "dryrun/storage/record.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rsf::dryrun::simulator {

class LabelSelector {
  public:
    // "app=x,tier!=y,env in (a,b),!legacy"; empty selects everything.
    explicit LabelSelector(std::string_view text);

    bool matches(const storage::Labels &labels) const;

    enum class Operator { in, not_in, exists, absent, greater, less };

    struct Requirement {
        std::string key;
        Operator op;
        std::vector<std::string> values; // in, not_in: one or more
        std::int64_t bound = 0;          // greater, less
    };

  private:
    std::vector<Requirement> requirements_;
};

class FieldSelector {
  public:
    // "metadata.name=x,status.phase!=Running", with \, \= and \\ for the characters themselves; empty selects everything. type:
    // of the objects, since each kind has its own selectable fields.
    FieldSelector(std::string_view text, const storage::GroupKind &type, std::string_view plural);

    bool matches(const storage::Entry &entry) const;

  private:
    struct Requirement {
        std::string path;
        std::string value;
        bool equal;
    };
    std::vector<Requirement> requirements_;
};

} // namespace rsf::dryrun::simulator
