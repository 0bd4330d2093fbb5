// SPDX-License-Identifier: Apache-2.0
#include "metrics/metrics.hpp"

#include "metrics/family.hpp"
#include "metrics/process.hpp"
#include "metrics/request_metrics.hpp"
#include "metrics/target_series.hpp"
#include "shared/mutex.hpp"

#include <prometheus/gauge.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <map>
#include <optional>
#include <unordered_map>

namespace rsf::metrics {

namespace {

using Families = std::vector<prometheus::MetricFamily>;
using prometheus::MetricType;

// All instances under one name together.
struct TargetSum {
    TargetNow now;
    std::optional<std::size_t> children;
};

TargetSum sum_of(const std::vector<TargetNow> &instances, const std::unordered_map<pid_t, std::size_t> &children) {
    TargetSum sum;
    for (const TargetNow &now : instances) {
        sum.now.queued += now.queued;
        sum.now.running += now.running;
        sum.now.lost += now.lost;
        if (now.ready) { // the last of them says how it is
            sum.now.ready = now.ready;
            sum.now.credentials_expire = now.credentials_expire;
        }
        if (now.process == 0) continue;
        const auto found = children.find(now.process);
        sum.children = sum.children.value_or(0) + (found == children.end() ? 0 : found->second);
    }
    return sum;
}

void add_targets(Families &families, const std::map<std::string, std::vector<TargetNow>> &targets) {
    prometheus::MetricFamily queue =
        family("resourcifier_target_queue_length", "Calls that wait for a thread of the target.", MetricType::Gauge);
    prometheus::MetricFamily running =
        family("resourcifier_target_calls_running", "Calls that are in the target's driver.", MetricType::Gauge);
    prometheus::MetricFamily lost = family(
        "resourcifier_target_calls_lost", "Calls that were given up and that the driver never returned from.", MetricType::Gauge);
    prometheus::MetricFamily ready =
        family("resourcifier_target_ready", "Whether the target is well, as /readyz has it: 1 or 0.", MetricType::Gauge);
    prometheus::MetricFamily expiry =
        family("resourcifier_target_credentials_expire_timestamp_seconds",
               "When the target's credentials expire, in seconds since 1970; where its driver knows.", MetricType::Gauge);
    prometheus::MetricFamily processes =
        family("resourcifier_driver_child_processes", "Processes that the driver's process has started, such as kubectl.",
               MetricType::Gauge);
    const auto children = count_children();
    for (const auto &[name, instances] : targets) {
        if (instances.empty()) continue;
        const TargetSum sum = sum_of(instances, children);
        const std::vector<prometheus::ClientMetric::Label> label{{"target", name}};
        add_sample(queue, label, static_cast<double>(sum.now.queued));
        add_sample(running, label, static_cast<double>(sum.now.running));
        add_sample(lost, label, static_cast<double>(sum.now.lost));
        if (sum.now.ready) add_sample(ready, label, *sum.now.ready ? 1 : 0);
        if (sum.now.credentials_expire) add_sample(expiry, label, *sum.now.credentials_expire);
        if (sum.children) add_sample(processes, label, static_cast<double>(*sum.children));
    }
    for (prometheus::MetricFamily *made : {&queue, &running, &lost, &ready, &expiry, &processes})
        families.push_back(std::move(*made));
}

void add_servers(Families &families, const std::vector<ServerNow> &servers) {
    double requests = 0, connections = 0, faults = 0, abandoned = 0;
    std::map<std::string_view, double> refused;
    for (const ServerNow &now : servers) {
        requests += static_cast<double>(now.requests);
        connections += static_cast<double>(now.connections);
        faults += static_cast<double>(now.faults);
        abandoned += static_cast<double>(now.abandoned);
        for (const auto &[reason, count] : now.refused) refused[reason] += static_cast<double>(count);
    }
    add_sample(families.emplace_back(family("resourcifier_http_requests_in_flight",
                                            "Requests that are being received, worked on or answered.", MetricType::Gauge)),
               {}, requests);
    add_sample(families.emplace_back(family("resourcifier_http_connections", "Connections that are open.", MetricType::Gauge)),
               {}, connections);
    add_sample(
        families.emplace_back(family("resourcifier_http_faults_total",
                                     "Connections on which the daemon itself failed; its log says how.", MetricType::Counter)),
        {}, faults);
    add_sample(families.emplace_back(family("resourcifier_http_abandoned_total",
                                            "Requests whose clients left before they were whole.", MetricType::Counter)),
               {}, abandoned);
    prometheus::MetricFamily &refusals = families.emplace_back(
        family("resourcifier_http_refused_total", "Connections and requests that were turned away at a limit, by reason.",
               MetricType::Counter));
    for (const auto &[reason, count] : refused) add_sample(refusals, {{"reason", std::string(reason)}}, count);
}

void add_operations(Families &families, const std::vector<OperationsNow> &all) {
    prometheus::MetricFamily works =
        family("resourcifier_store_works", "Whether the store of operations takes writes: 1 or 0.", MetricType::Gauge);
    prometheus::MetricFamily under_way = family("resourcifier_operations_under_way",
                                                "Writes that have not ended, by target and state: running, or queued for objects "
                                                "that others write.",
                                                MetricType::Gauge);
    for (const OperationsNow &now : all) {
        add_sample(works, {}, now.store_works ? 1 : 0);
        for (const OperationsNow::OnTarget &on : now.targets) {
            add_sample(under_way, {{"target", on.target}, {"state", "running"}}, static_cast<double>(on.running));
            add_sample(under_way, {{"target", on.target}, {"state", "queued"}}, static_cast<double>(on.waiting));
        }
    }
    families.push_back(std::move(works));
    families.push_back(std::move(under_way));
}

} // namespace

struct Metrics::Core {
    Core()
        : requests(registry), target_families(registry), reloads(prometheus::BuildCounter()
                                                                     .Name("resourcifier_reloads_total")
                                                                     .Help("Reloads of the settings, by whether they succeeded.")
                                                                     .Register(registry)),
          reloads_done(reloads.Add({{"result", "done"}})), reloads_failed(reloads.Add({{"result", "failed"}})),
          last_reload(prometheus::BuildGauge()
                          .Name("resourcifier_last_reload_successful")
                          .Help("Whether the last reload of the settings succeeded: 1 or 0.")
                          .Register(registry)
                          .Add({})) {
        prometheus::BuildGauge()
            .Name("resourcifier_build_info")
            .Help("Always 1; the label says which version runs.")
            .Register(registry)
            .Add({{"version", RESOURCIFIER_VERSION}})
            .Set(1);
        last_reload.Set(1); // at the start
    }

    void let_go(const std::string &name) {
        const shared::Lock lock(mutex);
        const auto found = targets.find(name);
        if (--found->second.users == 0) targets.erase(found);
    }

    std::map<std::string, std::vector<TargetNow>> look_at_targets() {
        std::map<std::string, std::vector<TargetNow>> all;
        std::vector<std::pair<std::string, std::shared_ptr<const Watches<TargetNow>>>> found;
        {
            const shared::Lock lock(mutex);
            for (const auto &[name, target] : targets) found.emplace_back(name, target.metrics->series().watches);
        }
        for (const auto &[name, watches] : found) all.emplace(name, watches->read());
        return all;
    }

    struct Counted {
        std::unique_ptr<TargetMetrics> metrics;
        std::size_t users = 0; // of metrics
    };

    prometheus::Registry registry;
    RequestMetrics requests;
    TargetFamilies target_families;
    prometheus::Family<prometheus::Counter> &reloads;
    prometheus::Counter &reloads_done, &reloads_failed;
    prometheus::Gauge &last_reload;
    Watches<ServerNow> servers;
    Watches<OperationsNow> operations;

    shared::Mutex mutex;
    std::map<std::string, Counted> targets GUARDED_BY(mutex);
};

Metrics::Metrics() : core_(std::make_shared<Core>()) {}
Metrics::~Metrics() = default;

void Metrics::request(MeteredRoute route, std::string_view method, unsigned status, std::chrono::nanoseconds took) {
    core_->requests.count(route, method, status, took);
}

void Metrics::reloaded(bool well) {
    (well ? core_->reloads_done : core_->reloads_failed).Increment();
    core_->last_reload.Set(well ? 1 : 0);
}

std::shared_ptr<TargetMetrics> Metrics::target(const std::string &name) {
    const shared::Lock lock(core_->mutex);
    Core::Counted &counted = core_->targets[name];
    if (counted.users == 0)
        counted.metrics = std::make_unique<TargetMetrics>(std::make_unique<TargetMetrics::Series>(core_->target_families, name));
    ++counted.users;
    return {counted.metrics.get(), [core = core_, name](TargetMetrics *) { core->let_go(name); }};
}

std::shared_ptr<void> Metrics::watch(std::function<ServerNow()> read) { return core_->servers.add(std::move(read)); }

std::shared_ptr<void> Metrics::watch(std::function<OperationsNow()> read) { return core_->operations.add(std::move(read)); }

std::string Metrics::text() const {
    Families families = core_->registry.Collect();
    add_servers(families, core_->servers.read());
    add_operations(families, core_->operations.read());
    add_targets(families, core_->look_at_targets());
    for (prometheus::MetricFamily &of_process : process_metrics()) families.push_back(std::move(of_process));
    std::ranges::sort(families, {}, &prometheus::MetricFamily::name);
    for (prometheus::MetricFamily &sorted : families) std::ranges::sort(sorted.metric, {}, &prometheus::ClientMetric::label);
    return prometheus::TextSerializer().Serialize(families);
}

} // namespace rsf::metrics
