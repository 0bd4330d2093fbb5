// SPDX-License-Identifier: Apache-2.0
//
// Logs each write and each plan: a line when it begins, one for every object that failed or was aborted, one when it ends. Reads
// have the line of their request alone. Thread-safe.
#pragma once

#include "base/log.hpp"
#include "run/observer.hpp"

#include <utility>

namespace rsf::run {

class LogObserver final : public Observer {
  public:
    explicit LogObserver(Log log) : log_(std::move(log)) {}

    std::optional<drivers::Failure> admitted(const Subject &subject) override;
    void ended(const Subject &subject, const Outcome &outcome) override;

  private:
    void tell_write(const Subject &subject, const Outcome &outcome);
    void tell_plan(const Subject &subject, const Outcome &outcome);

    const Log log_;
};

} // namespace rsf::run
