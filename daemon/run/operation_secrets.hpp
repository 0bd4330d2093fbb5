// SPDX-License-Identifier: Apache-2.0
//
// The secrets in the objects of one operation, so that no failure shows them: drivers and clusters quote what they refuse. Not
// thread-safe.
#pragma once

#include "drivers/call.hpp"
#include "masking/secret_marks.hpp"
#include "masking/secret_search.hpp"
#include "parse/configuration.hpp"

#include <boost/json/array.hpp>

#include <map>
#include <string>
#include <string_view>

namespace rsf::run {

class OperationSecrets {
  public:
    // described: which values the driver marks as secret (rsf_secret).
    explicit OperationSecrets(const boost::json::array &described) : marks_(described) {}

    // An object that a driver answered with: others may refer to its values. Survives a lack of memory.
    void learn_answer(const boost::json::value &object, std::string_view type) noexcept;

    // Masks secrets of configuration, which is the same each time, and learnt ones. Without memory for that, the whole message is
    // replaced.
    void hide(drivers::Failure &failure, const parse::Configuration &configuration) noexcept;
    void hide(std::string &message, const parse::Configuration &configuration) noexcept;

  private:
    void learn(const boost::json::object &object, std::string_view type);
    using Named = std::multimap<std::string_view, const parse::Resource *>;

    bool may_hold_any(const boost::json::object &object, std::string_view type) const;
    void learn_referenced(const parse::Resource &resource, const Named &all);
    void learn_all(const parse::Configuration &configuration);

    const masking::SecretMarks marks_;
    masking::SecretSearch search_;
    bool knows_configuration_ = false, is_complete_ = true;
};

} // namespace rsf::run
