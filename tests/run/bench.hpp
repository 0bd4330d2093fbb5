// SPDX-License-Identifier: Apache-2.0
//
// What tests of targets start from: a target over a fake cluster, its log as lines, and operations to wait for.
#pragma once

#include "run/fake_cluster.hpp"
#include "run/target.hpp"

#include <spdlog/sinks/base_sink.h>

#include <boost/json/parse.hpp>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace rsf::run::test {

inline constexpr auto for_ever = std::chrono::steady_clock::time_point::max();

// Keeps what is logged. Thread-safe.
class Lines : public spdlog::sinks::base_sink<std::mutex> {
  public:
    // Waits until a line with this in it was logged, count times.
    void wait_for(const std::string &text, std::size_t count = 1) {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return number_of(text) >= count; });
    }

    std::vector<std::string> with(const std::string &text) {
        const std::lock_guard lock(mutex_);
        std::vector<std::string> found;
        for (const std::string &line : lines_)
            if (line.find(text) != std::string::npos) found.push_back(line);
        return found;
    }

  protected:
    void sink_it_(const spdlog::details::log_msg &message) override {
        lines_.push_back(plain_text({message.payload.data(), message.payload.size()}));
        changed_.notify_all();
    }
    void flush_() override {}

  private:
    std::size_t number_of(const std::string &text) const {
        return static_cast<std::size_t>(
            std::ranges::count_if(lines_, [&](const std::string &line) { return line.find(text) != std::string::npos; }));
    }

    std::condition_variable_any changed_;
    std::vector<std::string> lines_;
};

struct Bench {
    explicit Bench(TargetLimits of = {}) : limits(of) {}

    // Made when first used, so that a test can set the cluster up.
    Target &target() {
        if (!made) made = Target::make("prod", make_fake_driver(cluster), limits, log, nullptr, {}, counted);
        return *made;
    }

    std::future<Report> write(drivers::Verb verb, parse::Configuration configuration, std::string request_id = "r1") {
        auto promise = std::make_shared<std::promise<Report>>();
        target().write({verb, std::move(configuration), "here", std::move(request_id)},
                       [promise](Report report) { promise->set_value(std::move(report)); });
        return promise->get_future();
    }

    std::future<drivers::Answer> read(const std::string &name, std::stop_token stop = {}) {
        auto promise = std::make_shared<std::promise<drivers::Answer>>();
        drivers::Call call;
        call.verb = drivers::Verb::get;
        call.type = "cm";
        call.name = name;
        call.request_id = "r2";
        target().ask(std::move(call), std::move(stop),
                     [promise](drivers::Answer answer) { promise->set_value(std::move(answer)); });
        return promise->get_future();
    }

    TargetLimits limits;
    std::shared_ptr<FakeCluster> cluster = std::make_shared<FakeCluster>();
    std::shared_ptr<Lines> lines = std::make_shared<Lines>();
    Log log = std::make_shared<spdlog::logger>("test", lines);
    std::shared_ptr<metrics::TargetMetrics> counted; // null: nothing is counted
    std::shared_ptr<Target> made;
};

// Resources by name and properties as JSON.
inline parse::Configuration resources(const std::vector<std::pair<std::string, std::string>> &of) {
    parse::Configuration made;
    for (const auto &[name, properties] : of)
        made.resources.push_back({name, "Thing", boost::json::parse(properties).as_object(), {}, {}});
    return made;
}

inline parse::Configuration plain(const std::vector<std::string> &names) {
    parse::Configuration made;
    for (const std::string &name : names) made.resources.push_back({name, "Thing", {{"value", name}}, {}, {}});
    return made;
}

// "Created Failed Aborted", in the order of the resources.
inline std::string statuses(const Report &report) {
    if (!report) return "refused: " + report.error().error.message;
    std::string text;
    for (const parse::Resource &resource : report->resources) {
        if (!text.empty()) text += ' ';
        text += resource.state ? to_string(resource.state->status) : "none";
    }
    return text;
}

inline std::string first_error(const Report &report, std::size_t resource) {
    const parse::State &state = report->resources.at(resource).state.value();
    return state.errors.empty() ? "" : state.errors.front();
}

inline drivers::Failure failure(std::string message, Code code = Code::internal) {
    return {code, std::move(message), {}, {}, nullptr};
}

} // namespace rsf::run::test
