// SPDX-License-Identifier: Apache-2.0
//
// The example alerts and dashboard ask for what the daemon tells, and each alert has its section in the runbook.
#include "support/catch.hpp"
#include "support/daemon_process.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <regex>
#include <set>
#include <string>

using namespace rsf::test;
namespace json = boost::json;

namespace {

const std::string tree = TEST_SOURCE_DIR "/../";
const std::string alerts_file = tree + "etc/prometheus/alerts.yaml";

std::set<std::string> matches(const std::string &text, const std::string &pattern) {
    const std::regex regex(pattern, std::regex::multiline);
    std::set<std::string> found;
    for (std::sregex_iterator each(text.begin(), text.end(), regex), end; each != end; ++each) found.insert((*each)[1]);
    return found;
}

// Of expressions; a histogram's parts are its own.
std::set<std::string> metrics_in(const std::string &text) {
    std::set<std::string> names;
    for (const std::string &name : matches(text, "\\b((?:resourcifier|process)_[a-z_]+)"))
        names.insert(std::regex_replace(name, std::regex("_(bucket|sum|count)$"), ""));
    return names;
}

std::set<std::string> told_metrics() {
    const DaemonProcess daemon("  a: {driver: dryrun}\n");
    HttpClient client = daemon.connect();
    client.send("GET", "/livez"); // what is counted by its code is there once there is one
    const HttpAnswer answer = client.send("GET", "/metrics");
    REQUIRE(answer.status == 200);
    return matches(answer.body, "^# TYPE ([a-z_]+) ");
}

std::vector<YAML::Node> alerts() {
    std::vector<YAML::Node> all;
    for (const YAML::Node &group : YAML::LoadFile(alerts_file)["groups"])
        for (const YAML::Node &rule : group["rules"]) all.push_back(rule);
    return all;
}

void check_told(const std::string &expression, const std::set<std::string> &told) {
    INFO(expression);
    const std::set<std::string> names = metrics_in(expression);
    for (const std::string &name : names) {
        INFO(name);
        CHECK(told.contains(name));
    }
}

std::string promtool() {
    const Ended found = run_program({tree + "tests/support/promtool.sh"});
    INFO(found.err);
    REQUIRE(found.exit_code == 0);
    return found.out.substr(0, found.out.find('\n'));
}

} // namespace

TEST_CASE("every metric in an alert or in the dashboard is one that the daemon tells") {
    const std::set<std::string> told = told_metrics();
    for (const YAML::Node &alert : alerts()) check_told(alert["expr"].as<std::string>(), told);

    const json::value dashboard = json::parse(read_file(tree + "etc/grafana/resourcifierd.json"));
    for (const json::value &panel : dashboard.at("panels").as_array())
        for (const json::value &target : panel.at("targets").as_array())
            check_told(std::string(target.at("expr").as_string()), told);
    for (const json::value &variable : dashboard.at("templating").at("list").as_array())
        check_told(std::string(variable.at("query").as_string()), told);

    // Nothing that the daemon tells of itself is left out of the dashboard.
    const std::set<std::string> shown = metrics_in(json::serialize(dashboard));
    for (const std::string &name : told) {
        INFO(name);
        if (name.starts_with("resourcifier_")) CHECK(shown.contains(name));
    }
}

TEST_CASE("each alert names its section of the runbook, and each section an alert") {
    const std::string document = read_file(tree + "docs/operating.md");
    std::set<std::string> names;
    for (const YAML::Node &alert : alerts()) {
        const std::string name = alert["alert"].as<std::string>();
        names.insert(name);
        std::string place = "docs/operating.md#runbook-" + name;
        std::transform(place.begin() + 18, place.end(), place.begin() + 18,
                       [](char c) { return static_cast<char>(std::tolower(c)); });
        INFO(name);
        CHECK(alert["annotations"]["runbook"].as<std::string>() == place);
        CHECK_FALSE(alert["annotations"]["summary"].as<std::string>().empty());
    }
    CHECK(matches(document, "^### Runbook: (\\w+)$") == names);
}

TEST_CASE("Prometheus reads the alerts, and raises them for what they are for and for nothing else") {
    const std::string program = promtool();
    const Ended checked = run_program({program, "check", "rules", alerts_file});
    INFO(checked.out << checked.err);
    CHECK(checked.exit_code == 0);
    const Ended tested = run_program({program, "test", "rules", tree + "tests/daemon/alerts.yaml"});
    INFO(tested.out << tested.err);
    CHECK(tested.exit_code == 0);
}
