// SPDX-License-Identifier: Apache-2.0
//
// The man pages and the completion know every setting and every command, and the defaults.
#include "config/table.hpp"

#include "support/catch.hpp"
#include "support/daemon_process.hpp"

#include <boost/json/serialize.hpp>

#include <fstream>
#include <set>
#include <sstream>
#include <string>

using namespace rsf::config;
using namespace rsf::test;
namespace json = boost::json;

namespace {

std::set<std::string> lines_in(const std::string &file) {
    std::ifstream in(TEST_SOURCE_DIR "/../etc/" + file);
    REQUIRE(in);
    std::set<std::string> lines;
    for (std::string line; std::getline(in, line);) lines.insert(line);
    return lines;
}

// The line that begins what the page says of a setting.
std::string heading(std::string_view key, const json::object &schema) {
    const std::string plain = ".It Ic " + std::string(key);
    const json::value *fallback = schema.if_contains("default");
    if (!fallback || schema.contains("properties") || fallback->is_object()) return plain;
    if (fallback->is_string()) return plain + " : " + std::string(fallback->get_string());
    return plain + " : " + json::serialize(*fallback);
}

void check_described(const json::object &schema, const std::set<std::string> &page) {
    for (const auto &[key, property] : schema.at("properties").as_object()) {
        const std::string wanted = heading(key, property.as_object());
        INFO(wanted);
        CHECK(page.contains(wanted));
    }
}

const json::object &below(const json::object &schema, std::string_view key) {
    return schema.at("properties").at(key).as_object();
}

// What "resourcifierd --help" lists below a heading: the first word of each line.
std::set<std::string> listed(const std::string &help, const std::string &heading) {
    std::istringstream lines(help.substr(help.find(heading) + heading.size() + 1));
    std::set<std::string> names;
    for (std::string line; std::getline(lines, line) && line.starts_with("  ");) {
        std::string name;
        std::istringstream(line) >> name;
        if (line[2] != ' ') names.insert(name.substr(name.find(',') + 1));
    }
    return names;
}

std::string help() { return run_program({TEST_BINARY_DIR "/bin/resourcifierd", "--help"}).out; }

} // namespace

TEST_CASE("resourcifierd.yaml(5) describes every setting, with its default") {
    const std::set<std::string> page = lines_in("man/resourcifierd.yaml.5");
    check_described(settings_schema(), page);
    check_described(below(settings_schema(), "limits"), page);
    check_described(target_schema(), page);
    check_described(below(target_schema(), "process"), page);
}

TEST_CASE("resourcifierd(8) and the completion know every command and option") {
    const std::set<std::string> page = lines_in("man/resourcifierd.8");
    std::string all;
    for (const std::string &line : lines_in("completion/resourcifierd")) all += line + "\n";
    const std::set<std::string> commands = listed(help(), "Subcommands:");
    const std::set<std::string> options = listed(help(), "Options:");
    CHECK(commands.contains("check")); // there is something to look at
    CHECK(options.contains("--settings"));
    for (const std::string &command : commands) {
        INFO(command);
        CHECK(std::any_of(page.begin(), page.end(),
                          [&](const std::string &line) { return line.starts_with(".It Cm " + command); }));
        CHECK_THAT(all, ContainsSubstring(command));
    }
    for (const std::string &option : options) {
        INFO(option);
        CHECK(std::any_of(page.begin(), page.end(), [&](const std::string &line) {
            return (line + " ").starts_with(".It Fl Fl " + option.substr(2) + " ");
        }));
        CHECK_THAT(all, ContainsSubstring(option));
    }
}

TEST_CASE("the man pages are shown without a warning") {
    for (const char *page : {"resourcifierd.8", "resourcifierd.yaml.5", "resourcifier-driver-check.1"}) {
        const Ended shown = run_program(
            {"man", "--warnings", "-E", "UTF-8", "-l", "-Tutf8", "-Z", std::string(TEST_SOURCE_DIR "/../etc/man/") + page});
        INFO(page);
        CHECK(shown.exit_code == 0);
        CHECK(shown.err.empty());
    }
}

TEST_CASE("bash completes commands, levels, and what comes after options") {
    const std::pair<const char *, const char *> rows[] = {
        {"resourcifierd lo", "log-level\n"},           {"resourcifierd --settings /nowhere rel", "reload\n"},
        {"resourcifierd log-level wa", "warning\n"},   {"resourcifierd drivers d", "describe\n"},
        {"resourcifierd settings s", "show\n"},        {"resourcifierd status --j", "--json\n"},
        {"resourcifierd re", "reload resume\n"},       {"resourcifierd drain --c", "--control\n"},
        {"resourcifierd check --set", "--settings\n"}, {"resourcifierd check --user roo", "root\n"},
        {"resourcifierd store mi", "migrate\n"}};
    for (const auto &[line, completed] : rows) {
        const Ended ended =
            run_program({"bash", "-c",
                         "source " TEST_SOURCE_DIR "/../etc/completion/resourcifierd; COMP_WORDS=(" + std::string(line) +
                             "); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _resourcifierd; echo \"${COMPREPLY[@]}\""});
        INFO(line << ended.err);
        CHECK(ended.out == completed);
    }
}
