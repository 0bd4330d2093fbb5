// SPDX-License-Identifier: Apache-2.0
//
// A configuration, its references and its schedule: whatever is posted, a schedule that is made comes to its end. The first byte
// says how the steps end.
#include "fuzz.hpp"
#include "graph/schedule.hpp"

#include <boost/json/object.hpp>

using namespace rsf;
using namespace rsf::graph;
using namespace rsf::parse;

namespace {

void work_off(const Configuration &configuration, Direction direction, unsigned endings) {
    auto schedule = Schedule::make(configuration, direction);
    if (!schedule) {
        fuzz::require(!schedule.error().message.empty(), "a refusal has a reason");
        return;
    }
    std::size_t steps = 0;
    while (schedule->more_to_do()) {
        std::vector<Step> ready;
        while (auto step = schedule->next_ready()) ready.push_back(std::move(*step));
        for (const Step &step : ready) {
            fuzz::require(++steps <= configuration.resources.size(), "a resource has one turn");
            const auto &properties = configuration.resources[step.resource].properties;
            switch ((endings >> steps % 8) & 3) {
            case 0: schedule->failed(step.resource, "no"); break;
            case 1: schedule->succeeded(step.resource, boost::json::object(), Knowledge::partial); break;
            default: schedule->succeeded(step.resource, step.resolved ? *step.resolved : properties);
            }
        }
        fuzz::require(!ready.empty() || !schedule->more_to_do(), "a schedule never waits for nothing");
    }
    for (std::size_t i = 0; i < configuration.resources.size(); ++i) {
        const auto kind = schedule->verdict(i).kind;
        fuzz::require(kind != Verdict::Kind::waiting && kind != Verdict::Kind::running, "every resource comes to an end");
    }
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    if (size == 0) return 0;
    const auto configuration = read_configuration(fuzz::text_of(data + 1, size - 1), {});
    if (!configuration) {
        fuzz::require(!configuration.error().message.empty(), "a refusal has a reason");
        return 0;
    }
    fuzz::require(!configuration->resources.empty(), "a configuration has resources");
    work_off(*configuration, Direction::dependencies_first, data[0]);
    work_off(*configuration, Direction::dependants_first, data[0]);
    return 0;
}
