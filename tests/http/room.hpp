// SPDX-License-Identifier: Apache-2.0
//
// The API over a fake cluster, without sockets, its long work done on the caller's thread.
#pragma once

#include "http/api.hpp"
#include "http/fake_target.hpp"

#include <future>
#include <memory>
#include <string>
#include <string_view>

namespace rsf::http::test {

struct Room {
    std::shared_ptr<FakeCluster> cluster = std::make_shared<FakeCluster>();
    Targets targets = fake_targets(cluster);
    std::shared_ptr<metrics::Metrics> metrics = std::make_shared<metrics::Metrics>();
    std::shared_ptr<Api> api = std::make_shared<Api>(
        targets, [](auto work) { work(); }, metrics, silent_log());

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
        const ProblemForm form = problem_form(headers);
        std::promise<Response> answer;
        Request request{std::move(method), std::move(target), std::move(headers), std::string(body), "id-1", {}};
        api->handle(std::move(request), [&](Response response) { answer.set_value(std::move(response)); });
        Response response = answer.get_future().get();
        write_problem(response, form, "id-1");
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

} // namespace rsf::http::test
