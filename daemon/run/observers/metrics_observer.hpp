// SPDX-License-Identifier: Apache-2.0
//
// Counts operations and their resources under the metrics of their target (docs/operating.md, "Metrics"). Thread-safe.
#pragma once

#include "run/observer.hpp"

namespace rsf::run {

class MetricsObserver final : public Observer {
  public:
    void ended(const Subject &subject, const Outcome &outcome) override;
};

} // namespace rsf::run
