// SPDX-License-Identifier: Apache-2.0
//
// A body of 2,000 Deployments, about 2.5 MB of YAML, into a Configuration: against what yaml-cpp needs for its events alone (they
// go nowhere) and for its nodes; and the same as JSON, against what Boost.JSON needs for a value.
#include "measure.hpp"
#include "parse/configuration.hpp"
#include "parse/document.hpp"

#include <boost/json/parse.hpp>

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <sstream>
#include <stdexcept>

namespace rsf::bench {

namespace {

constexpr int rounds = 9;

struct Nowhere : YAML::EventHandler {
    void OnDocumentStart(const YAML::Mark &) override {}
    void OnDocumentEnd() override {}
    void OnNull(const YAML::Mark &, YAML::anchor_t) override {}
    void OnAlias(const YAML::Mark &, YAML::anchor_t) override {}
    void OnScalar(const YAML::Mark &, const std::string &, YAML::anchor_t, const std::string &) override {}
    void OnSequenceStart(const YAML::Mark &, const std::string &, YAML::anchor_t, YAML::EmitterStyle::value) override {}
    void OnSequenceEnd() override {}
    void OnMapStart(const YAML::Mark &, const std::string &, YAML::anchor_t, YAML::EmitterStyle::value) override {}
    void OnMapEnd() override {}
};

std::string deployment(const std::string &name, const std::string &number) {
    return "- name: " + name + R"(
  type: Deployment
  properties:
    apiVersion: apps/v1
    kind: Deployment
    metadata:
      name: )" +
           name + R"(
      namespace: shop
      labels: {app: )" +
           name + R"(, tier: frontend, track: stable}
      annotations:
        example.com/owner: "team-)" +
           number + R"(@example.com"
        example.com/description: 'What serves the pages of the shop, one of many.'
    spec:
      replicas: 3
      selector:
        matchLabels: {app: )" +
           name + R"(}
      strategy:
        type: RollingUpdate
        rollingUpdate: {maxSurge: 25%, maxUnavailable: 0}
      template:
        metadata:
          labels: {app: )" +
           name + R"(, tier: frontend}
        spec:
          terminationGracePeriodSeconds: 30
          containers:
          - name: web
            image: registry.example.com/shop/web:1.)" +
           number + R"(
            args: ["--listen=:8080", "--verbose=false"]
            ports:
            - containerPort: 8080
              protocol: TCP
            env:
            - name: GREETING
              value: hello
            - name: RETRIES
              value: "5"
            resources:
              requests: {cpu: 100m, memory: 128Mi}
              limits: {memory: 256Mi}
            readinessProbe:
              httpGet: {path: /healthz, port: 8080}
              periodSeconds: 10
)";
}

std::string body(int deployments) {
    std::string text = "resources:\n";
    for (int i = 0; i < deployments; ++i) text += deployment("web-" + std::to_string(i), std::to_string(i));
    return text;
}

void read(const std::string &text) {
    const auto configuration = parse::read_configuration(text, {});
    if (!configuration) throw std::runtime_error(to_string(configuration.error()));
    use(configuration);
}

void send_events_nowhere(const std::string &text) {
    std::istringstream stream(text);
    YAML::Parser parser(stream);
    Nowhere nowhere;
    parser.HandleNextDocument(nowhere);
}

std::string rate(const std::string &text, double seconds) {
    return bench::text(static_cast<double>(text.size()) / 1e6 / seconds, "MB/s", 1);
}

} // namespace

void run() {
    const std::string yaml = body(2000);
    const auto document = parse::read_yaml(yaml, {});
    const std::string json = parse::write_json(document->value);
    std::vector<double> ours, events, nodes, ours_json, boost_json;
    for (int round = 0; round < rounds; ++round) {
        ours.push_back(cpu_seconds_of([&] { read(yaml); }));
        events.push_back(cpu_seconds_of([&] { send_events_nowhere(yaml); }));
        nodes.push_back(cpu_seconds_of([&] { use(YAML::Load(yaml)); }));
        ours_json.push_back(cpu_seconds_of([&] { read(json); }));
        boost_json.push_back(cpu_seconds_of([&] { use(boost::json::parse(json)); }));
    }
    const double mine = median(ours), mine_json = median(ours_json);
    const std::string size = text(static_cast<double>(yaml.size()) / 1e6, "MB", 1);
    const std::string json_size = text(static_cast<double>(json.size()) / 1e6, "MB", 1);
    row("YAML, 2,000 Deployments (" + size + ") into a Configuration, MB/s", rate(yaml, mine), "-",
        static_cast<double>(yaml.size()) / 1e6 / mine, ">= 14");
    row("the same, time against yaml-cpp's bare events", rate(yaml, mine), rate(yaml, median(events)), mine / median(events),
        "<= 1.4");
    row("the same, time against yaml-cpp's nodes", rate(yaml, mine), rate(yaml, median(nodes)), mine / median(nodes));
    row("the same as JSON (" + json_size + "), time against Boost.JSON's parse", rate(json, mine_json),
        rate(json, median(boost_json)), mine_json / median(boost_json));
}

} // namespace rsf::bench

int main() { rsf::bench::run(); }
