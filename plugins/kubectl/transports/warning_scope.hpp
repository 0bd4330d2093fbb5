// SPDX-License-Identifier: Apache-2.0
//
// What the cluster warns of while a thread performs a call, for the call's result. Each scope belongs to the thread that made it.
#pragma once

#include <resourcifier/answer_rules.hpp>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace rsf::kubectl::transports {

class WarningScope {
  public:
    WarningScope() : outer_(std::exchange(innermost, this)) {}
    ~WarningScope() { innermost = outer_; }
    WarningScope(const WarningScope &) = delete;
    WarningScope &operator=(const WarningScope &) = delete;

    // Adds to the innermost scope of this thread, if there is one. The same warning counts once. It holds no secrets.
    static void note(const std::string &warning) {
        if (!innermost || warning.empty() || innermost->warnings_.size() == max_warnings) return;
        std::vector<std::string> &all = innermost->warnings_;
        if (std::find(all.begin(), all.end(), warning) == all.end()) all.push_back(warning);
    }

    std::vector<std::string> take() { return std::move(warnings_); }

  private:
    static inline thread_local WarningScope *innermost = nullptr;

    WarningScope *const outer_;
    std::vector<std::string> warnings_;
};

} // namespace rsf::kubectl::transports
