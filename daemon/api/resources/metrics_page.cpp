// SPDX-License-Identifier: Apache-2.0
#include "api/resources/metrics_page.hpp"

#include "metrics/metrics.hpp"
#include "targets/target_set.hpp"

#include <chrono>
#include <string>
#include <vector>

namespace rsf::api {

namespace {

// How long a scrape waits for the health of drivers before it takes their last answers.
constexpr std::chrono::milliseconds scrape_waits{100};

} // namespace

// The health of drivers is one of the metrics.
void answer_metrics(const Tools &tools, const Request &request, const Admitted &admitted, Respond respond) {
    std::vector<targets::HealthQuestion> asked;
    for (const auto &[name, target] : admitted.targets->by_name)
        if (target) asked.push_back(target->ask_health());
    tools.after_questions(request.id, std::move(respond), [metrics = tools.metrics, asked = std::move(asked)] {
        for (const targets::HealthQuestion &question : asked) static_cast<void>(question.answer(scrape_waits));
        return Response{200, std::string(metrics::metrics_content_type), metrics->text(), {}};
    });
}

} // namespace rsf::api
