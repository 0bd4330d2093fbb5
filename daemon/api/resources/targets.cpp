// SPDX-License-Identifier: Apache-2.0
#include "api/resources/targets.hpp"

#include "api/answer/report.hpp"
#include "targets/target_set.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <string>
#include <utility>
#include <vector>

namespace rsf::api {

namespace {

boost::json::object target_document(const targets::Target &target, const targets::TargetSet &set, targets::Health health) {
    namespace json = boost::json;
    const drivers::Descriptor &driver = target.driver().descriptor();
    const auto strings = [](const std::vector<std::string> &names) { return json::array(names.begin(), names.end()); };
    json::object state{{"ok", health.ok}, {"running", health.running}, {"queued", health.queued}, {"lost", health.lost}};
    if (!health.ok) state["reason"] = health.reason;
    if (!health.driver.empty()) state["driver"] = std::move(health.driver);
    // The driver's settings stay out: they hold secrets.
    return {{"name", target.name()},
            {"default", target.name() == set.default_target},
            {"driver",
             {{"name", driver.name},
              {"version", driver.version},
              {"vendor", driver.vendor},
              {"url", driver.url},
              {"summary", driver.summary},
              {"abi", std::to_string(driver.abi_major) + '.' + std::to_string(driver.abi_minor)},
              {"concurrent", target.driver().is_concurrent()},
              {"revisions", driver.checks_revisions}}},
            {"strategy", to_string(target.strategy())},
            {"capabilities", strings(drivers::capability_names(driver.capabilities))},
            {"extensions", strings(target.driver().extensions())},
            {"health", std::move(state)}};
}

} // namespace

void answer_targets(const Tools &tools, const Request &request, const Admitted &admitted, Respond respond) {
    std::vector<std::pair<std::shared_ptr<targets::Target>, targets::HealthQuestion>> asked;
    if (admitted.target) asked.emplace_back(admitted.target, admitted.target->ask_health());
    if (!admitted.target)
        for (const auto &[name, target] : admitted.targets->by_name) asked.emplace_back(target, target->ask_health());
    tools.after_questions(
        request.id, std::move(respond),
        [targets = admitted.targets, is_one = admitted.target != nullptr, format = admitted.format, asked = std::move(asked)] {
            boost::json::array list;
            for (const auto &[target, question] : asked) list.push_back(target_document(*target, *targets, question.answer()));
            if (is_one) return document(200, list.front(), format);
            return document(200, boost::json::object{{"targets", std::move(list)}}, format);
        });
}

} // namespace rsf::api
