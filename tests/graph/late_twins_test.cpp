// SPDX-License-Identifier: Apache-2.0
#include "graph/late_twins.hpp"

#include "graph/sketch.hpp"
#include "support/catch.hpp"

#include <boost/json/parse.hpp>

#include <string>
#include <utility>
#include <vector>

using namespace rsf::graph;
using namespace rsf::parse;
using namespace rsf::graph::test;

namespace {

using Found = std::vector<std::size_t>;

boost::json::object parsed(const char *text) { return boost::json::parse(text).as_object(); }

constexpr const char *config_map = R"({"kind": "ConfigMap", "metadata": {"name": "twin"}, "data": {"v": "1"}})";
constexpr const char *referring = R"~({"kind": "ConfigMap", "metadata": {"name": "$(ref.0.data.x)"}})~";
constexpr const char *place_referring =
    R"~({"kind": "ConfigMap", "metadata": {"name": "twin", "namespace": "$(ref.0.data.x)"}})~";
constexpr const char *placed = R"({"kind": "ConfigMap", "metadata": {"name": "twin", "namespace": "n"}})";
constexpr const char *elsewhere = R"({"kind": "ConfigMap", "metadata": {"name": "twin", "namespace": "other"}})";
constexpr const char *named_0 = R"({"kind": "ConfigMap", "metadata": {"name": "0"}})";
constexpr const char *kindless = R"~({"metadata": {"name": "$(ref.0.data.x)"}})~";

} // namespace

TEST_CASE("a resource whose name is filled in has those for twins that may be in its place") {
    struct Row {
        const char *title;
        std::vector<const char *> posted; // the last is filled in
        const char *filled_in;
        std::vector<std::string> unknown;
        Found twins;
    };
    const char *of_no_kind = R"({"metadata": {"name": "twin"}})";
    const Row rows[] = {
        {"none", {config_map, referring}, R"({"kind": "ConfigMap", "metadata": {"name": "other"}})", {}, {}},
        {"one", {config_map, referring}, config_map, {}, {0}},
        {"two", {config_map, config_map, referring}, config_map, {}, {0, 1}},
        {"a namespace that is filled in", {config_map, place_referring}, placed, {}, {0}},
        {"another namespace", {elsewhere, place_referring}, placed, {}, {}},
        {"a namespace, beside none", {elsewhere, referring}, config_map, {}, {0}},
        {"another kind, which the driver knows",
         {elsewhere, referring},
         R"({"kind": "Secret", "metadata": {"name": "twin"}})",
         {},
         {0}},
        {"metadata that is a reference", {R"~({"kind": "ConfigMap", "metadata": "$(ref.1.meta)"})~", referring}, named_0, {}, {}},
        {"no kind", {of_no_kind, kindless}, of_no_kind, {}, {0}},
        {"a name that the resource gives", {R"({"kind": "ConfigMap"})", referring}, named_0, {}, {0}},
        {"nothing of its identity was a reference", {config_map, config_map}, config_map, {}, {}},
        {"a name that is not known yet", {config_map, referring}, config_map, {"/metadata/name"}, {}},
        {"metadata that is not known yet", {config_map, referring}, config_map, {"/metadata"}, {}},
        {"something else that is not known yet", {config_map, referring}, config_map, {"/data/v"}, {0}},
        {"one whose name is not filled in yet", {referring, referring}, config_map, {}, {}},
    };
    for (const Row &row : rows) {
        INFO(row.title);
        std::vector<std::pair<std::string, std::string>> named;
        for (std::size_t i = 0; i < row.posted.size(); ++i) named.emplace_back(std::to_string(i), row.posted[i]);
        const Configuration posted = configuration(named);
        LateTwins twins(posted);
        CHECK(twins.of(row.posted.size() - 1, parsed(row.filled_in), row.unknown) == row.twins);
    }
}

TEST_CASE("those that were filled in before are known by the name they have now") {
    const Configuration posted = configuration({{"0", referring}, {"1", referring}, {"2", referring}});
    LateTwins twins(posted);
    CHECK(twins.of(0, parsed(config_map), {}).empty());
    CHECK(twins.of(1, parsed(config_map), {}) == Found{0});
    CHECK(twins.of(2, parsed(config_map), {}) == Found{0, 1});
    twins.leave_out(1);
    CHECK(twins.of(2, parsed(config_map), {}) == Found{0});
    CHECK(twins.identity(0) == parsed(R"({"kind": "ConfigMap", "metadata": {"name": "twin"}})"));
}
