// SPDX-License-Identifier: Apache-2.0
#include "targets/checked_settings.hpp"

#include "config/mistakes.hpp"
#include "support/catch.hpp"
#include "support/temp_folder.hpp"
#include "targets/make_targets.hpp"

#include <algorithm>

using namespace rsf::base;
using namespace rsf::config;
using namespace rsf::targets;
using rsf::drivers::Registry;

namespace {

const Registry &shipped_drivers() {
    static const Registry registry = Registry::scan({TEST_BINARY_DIR "/drivers"}, rsf::drivers::describe_here);
    return registry;
}

// Line and pointer of each mistake, in the order of the file, as all of them are told.
using Spots = std::vector<std::pair<std::size_t, std::string>>;
Spots spots(const Error &all) {
    Spots found;
    for (const Error &one : all.causes) found.emplace_back(one.place.line, one.place.pointer);
    if (found.empty()) found.emplace_back(all.place.line, all.place.pointer);
    return found;
}

Error told(std::string_view text) {
    Draft draft = draft_settings(text, "s.yaml");
    std::ranges::move(driver_mistakes(draft, shipped_drivers()), std::back_inserter(draft.mistakes));
    REQUIRE(!draft.mistakes.empty());
    return all_mistakes("s.yaml", std::move(draft.mistakes));
}

} // namespace

TEST_CASE("mistakes of the file and of drivers' settings are told together, in the order of the file") {
    const Error all = told("targets:\n"
                           "  a:\n"
                           "    driver: dryrun\n"
                           "    settings:\n"
                           "      sate: /x\n"
                           "  B:\n"
                           "    driver: dryrnu\n"
                           "  c:\n"
                           "    driver: kubectl\n"
                           "    queue: many\n"
                           "    settings:\n"
                           "      token: [1]\n"
                           "      config: '${credential:none}'\n"
                           "  d: {driver: dryrun, settings: {over: prod}}\n"
                           "limits: {body: 8}\n"
                           "default_target: a\n");
    CHECK(spots(all) == Spots{{5, "/targets/a/settings/sate"},
                              {6, "/targets/B"},
                              {7, "/targets/B/driver"},
                              {10, "/targets/c/queue"},
                              {12, "/targets/c/settings/token"},
                              {13, "/targets/c/settings/config"},
                              {14, "/targets/d/settings/over"},
                              {15, "/limits/body"}});
    CHECK_THAT(to_string(all), ContainsSubstring("s.yaml:5:7: target 'a': 'sate' is not a known setting") &&
                                   ContainsSubstring("over: there is no target 'prod'"));
}

TEST_CASE("a driver's setting whose key has a slash or a tilde has its own line") {
    CHECK(spots(told("threads: 0\n"
                     "targets:\n"
                     "  a:\n"
                     "    driver: dryrun\n"
                     "    settings:\n"
                     "      a/b: 1\n"
                     "      a~b: 1\n")) ==
          Spots{{1, "/threads"}, {6, "/targets/a/settings/a~1b"}, {7, "/targets/a/settings/a~0b"}});
}

TEST_CASE("a consequence of another mistake is not told of drivers") {
    struct Row {
        const char *name, *text;
        Spots spots;
    };
    const Row rows[] = {
        {"no driver is named", "targets: {a: {queue: 1}}\n", {{1, "/targets/a"}}},
        {"a target that is no mapping is named by another one",
         "targets: {a: 1, b: {driver: dryrun, settings: {over: a}}}\n"
         "default_target: b\n",
         {{1, "/targets/a"}}},
        {"the settings are no mapping", "targets: {a: {driver: kubectl, settings: 1}}\n", {{1, "/targets/a/settings"}}},
        {"a credential is not there",
         "targets: {a: {driver: kubectl, settings: {transport: '${credential:none}'}}}\n",
         {{1, "/targets/a/settings/transport"}}},
    };
    for (const Row &row : rows) {
        INFO(row.name);
        CHECK(spots(told(row.text)) == row.spots);
    }
}

TEST_CASE("a refused driver is named by its file for each target that lacks it, a folder that can't be read once") {
    const rsf::test::TempFolder scratch;
    const std::string bad = scratch.write("bad.so", "no library").native(), missing = (scratch / "missing").native();
    const Draft draft = draft_settings("driver_path:\n"
                                       "- " +
                                           scratch.path().native() + "\n- " + missing +
                                           "\n"
                                           "targets:\n"
                                           "  a: {driver: one}\n"
                                           "  b: {driver: two}\n"
                                           "default_target: a\n",
                                       "s.yaml");
    REQUIRE(draft.mistakes.empty());
    const Registry registry = Registry::scan(draft.settings.driver_path, rsf::drivers::describe_here);
    const auto looks_right = [&](const std::string &text) {
        const auto lines = [&](const char *target, const char *driver, const char *line) {
            return std::string("\n  s.yaml:") + line + ": target '" + target + "': there is no driver '" + driver +
                   "'; looked in " + scratch.path().native() + ", " + missing + "\n    " + bad + ": ";
        };
        const std::string folder =
            "\n  s.yaml:3:3: " + missing + ": the driver folder can't be read: No such file or directory; ";
        CHECK_THAT(text, StartsWith("s.yaml: these settings have 3 mistakes" + folder));
        CHECK_THAT(text, ContainsSubstring(lines("a", "one", "5:7")) && ContainsSubstring(lines("b", "two", "6:7")));
        CHECK(std::ranges::count(text, '\n') == 5);
    };
    looks_right(to_string(all_mistakes("s.yaml", driver_mistakes(draft, registry))));
    const auto made = make_targets(draft.settings, registry, silent_log(), nullptr);
    REQUIRE(!made);
    looks_right(to_string(made.error()));
}

TEST_CASE("with nothing wrong in the file, every target's mistakes are told in one answer too") {
    const Settings settings = parse_settings("targets:\n"
                                             "  a: {driver: dryrn}\n"
                                             "  b: {driver: dryrun, settings: {over: c, sate: 1, namespace: 2}}\n"
                                             "  c: {driver: dryrun, isolation: none, settings: {state: relative}}\n"
                                             "default_target: a\n",
                                             "s.yaml")
                                  .value();
    const auto made = make_targets(settings, shipped_drivers(), silent_log(), nullptr);
    REQUIRE(!made);
    const Spots found = spots(made.error());
    CHECK(std::ranges::is_sorted(found, {}, &std::pair<std::size_t, std::string>::first));
    CHECK(found.size() >= 3);
    for (const Error &one : made.error().causes) CHECK(one.causes.empty());
}
