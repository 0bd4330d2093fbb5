// SPDX-License-Identifier: Apache-2.0
//
// The API over a fake cluster, without sockets, its long work done on the caller's thread.
#pragma once

#include "api/api.hpp"
#include "api/fake_target.hpp"
#include "http/problem.hpp"

#include <future>
#include <memory>
#include <string>
#include <string_view>

namespace rsf::api::test {

// What the tests of the API speak of: they use this namespace alone.
using namespace base;
using namespace drivers;
using namespace api;
using namespace http;
using namespace metrics;
using namespace config;
using namespace run;
using namespace targets;
namespace json = boost::json;

// Two resources, of which the second refers to the first.
inline constexpr std::string_view pair =
    "resources:\n"
    "- {name: a, type: ConfigMap, properties: {kind: ConfigMap, metadata: {name: a}}}\n"
    "- {name: b, type: ConfigMap, properties: {kind: ConfigMap, after: $(ref.a.metadata.name)}}\n";

inline const Headers as_json{{"Accept", "application/json"}};

struct Room {
    std::shared_ptr<FakeCluster> cluster = std::make_shared<FakeCluster>();
    targets::TargetSet targets = fake_targets(cluster);
    std::shared_ptr<metrics::Metrics> metrics = std::make_shared<metrics::Metrics>();
    std::shared_ptr<http::Workers> questions = std::make_shared<http::Workers>(2, "answers probes");
    std::shared_ptr<Api> api = make_api(
        targets, [](auto work) { work(); }, questions, metrics, silent_log());

    Response ask(std::string method, std::string target, std::string_view body = {}, Headers headers = {}) {
        const auto add = [&](const char *name, const char *value) {
            if (header_values(headers, name).empty()) headers.emplace_back(name, value);
        };
        add("Accept", "*/*");
        if (!body.empty()) add("Content-Type", "application/yaml");
        return ask_with(std::move(method), std::move(target), body, std::move(headers));
    }

    // With these headers and no others.
    Response ask_with(std::string method, std::string target, std::string_view body, Headers headers) {
        const http::ProblemForm form = http::problem_form(headers);
        std::promise<Response> answer;
        Request request{.method = std::move(method),
                        .target = std::move(target),
                        .headers = std::move(headers),
                        .body = std::string(body),
                        .id = "id-1"};
        api->admit(request)->answer(request, [&](Response response) { answer.set_value(std::move(response)); });
        Response response = answer.get_future().get();
        http::write_problem(response, form, "id-1");
        return response;
    }

    void fail_all(Code code, std::string message, std::chrono::milliseconds retry_after = {}) {
        cluster->behave([=](const drivers::Call &) -> drivers::Answer {
            return drivers::Failure{code, message, {}, retry_after, nullptr};
        });
    }
};

inline std::string header(const Response &response, std::string_view name) {
    const auto values = header_values(response.headers, name);
    return values.empty() ? "" : std::string(values[0]);
}

} // namespace rsf::api::test
