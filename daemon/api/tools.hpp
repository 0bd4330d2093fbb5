// SPDX-License-Identifier: Apache-2.0
//
// What the resources of the API work with. Constant: thread-safe, shared by work that is under way.
#pragma once

#include "api/answer/later.hpp"
#include "base/log_fwd.hpp"

#include <memory>

namespace rsf::metrics {
class Metrics;
} // namespace rsf::metrics

namespace rsf::operations {
class Operations;
} // namespace rsf::operations

namespace rsf::run {
class Runner;
} // namespace rsf::run

namespace rsf::api {

struct Tools {
    Later later;
    // For answers that wait for the health of drivers. Their threads are apart from those that read bodies, so that neither
    // delays the other. The drivers are asked before such work is posted, and each wait ends at a moment counted from then: so a
    // few threads are enough, since together they wait no longer than the last one.
    Later after_questions;
    std::shared_ptr<const run::Runner> runner;          // for reads and plans
    std::shared_ptr<operations::Operations> operations; // for writes
    std::shared_ptr<const metrics::Metrics> metrics;
    Log log;
};

} // namespace rsf::api
