// SPDX-License-Identifier: Apache-2.0
//
// resourcifier-driver-check: reports to the author of a driver what the daemon and its users would find wrong with it.
#include "driver_check.hpp"

#include "base/text.hpp"
#include "own_process.hpp"
#include "parse/configuration.hpp"
#include "parse/document.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <fstream>
#include <iostream>
#include <sstream>

namespace rsf::check {

namespace {

// A bad option or file, reported to the author of the driver.
struct Unusable : std::runtime_error {
    using std::runtime_error::runtime_error;
};

std::string read_file(const std::string &file) {
    std::ifstream in(file, std::ios::binary);
    std::ostringstream text;
    if (!in || !(text << in.rdbuf())) throw Unusable(file + " can't be read, or is empty");
    return text.str();
}

[[noreturn]] void refuse(const std::string &file, base::Error error) {
    error.place.file = file;
    throw Unusable(to_string(error));
}

json::object read_settings(const std::string &file) {
    const auto document = parse::read_document(read_file(file), {});
    if (!document) refuse(file, document.error());
    if (!document->value.is_object()) throw Unusable(file + ": the settings of a driver are a mapping");
    return document->value.get_object();
}

Sample read_sample(const std::string &file) {
    const auto configuration = parse::read_configuration(read_file(file), {});
    if (!configuration) refuse(file, configuration.error());
    const parse::Resource &resource = configuration->resources.front();
    Sample sample{resource.type, resource.properties, std::nullopt};
    if (configuration->resources.size() > 1) sample.changed = configuration->resources[1].properties;
    return sample;
}

void need_names(const std::string &option, const std::vector<std::string> &given) {
    std::vector<std::string_view> known;
    for (const CheckName &check : names_of_checks())
        if (!check.is_loading) known.push_back(check.name);
    for (const std::string &name : given)
        if (std::find(known.begin(), known.end(), name) == known.end())
            throw Unusable(option + ": there is no check " + base::in_quotes(name) + base::did_you_mean(name, known) +
                           " that can be chosen: --list names them");
}

int list_checks() {
    for (const CheckName &check : names_of_checks())
        std::cout << check.name << ": " << check.title << (check.is_loading ? " (always run)" : "") << "\n";
    return 0;
}

int run(int argc, char **argv) {
    CLI::App app{"Checks a driver as resourcifierd would use it, each check in a process of its own. Prints TAP.",
                 "resourcifier-driver-check"};
    Request request;
    std::string driver, settings, sample, junit;
    unsigned patience = 30;
    bool lists = false;
    app.add_option("driver", driver, "The driver's file");
    app.add_flag("--list", lists, "List the checks without running any");
    app.add_option("--only", request.only, "Run only these checks, and those of loading: --only objects,replaces")
        ->delimiter(',')
        ->allow_extra_args(false);
    app.add_option("--skip", request.skip, "Skip these checks")->delimiter(',')->allow_extra_args(false);
    app.add_option("--settings", settings, "Its settings, YAML or JSON: what stands below 'settings' of a target");
    app.add_option("--sample", sample,
                   "A configuration whose first resource the checks create, under names of their own, and delete (default: a "
                   "ConfigMap); the second one, if there is one, is what a replace makes of it");
    app.add_option("--junit", junit, "Write the results here too, as JUnit's XML");
    app.add_option("--patience", patience, "Seconds that one call may take")->capture_default_str()->check(CLI::Range(1, 3600));
    CLI11_PARSE(app, argc, argv);

    if (lists) return list_checks();
    if (driver.empty()) throw Unusable("The driver's file is missing: resourcifier-driver-check DRIVER; --help says more.");
    need_names("--only", request.only);
    need_names("--skip", request.skip);
    end_with_children();
    request.driver = std::filesystem::absolute(driver);
    request.patience = std::chrono::seconds(patience);
    if (!settings.empty()) request.settings = read_settings(settings);
    if (!sample.empty()) request.sample = read_sample(sample);

    const std::vector<CheckName> names = names_of_checks();
    begin_tap(std::cout, static_cast<std::size_t>(std::count_if(names.begin(), names.end(), [&](const CheckName &check) {
                  return check.is_loading || request.wants(check.name);
              })));
    std::size_t number = 0;
    bool failed = false;
    const std::vector<Outcome> outcomes = check_driver(request, [&](const Outcome &outcome) {
        write_tap(std::cout, ++number, outcome);
        failed = failed || outcome.verdict.kind == Verdict::Kind::failed;
    });
    if (!junit.empty()) {
        std::ofstream out(junit);
        write_junit(out, request.driver.filename().string(), outcomes);
        out.close();
        if (!out) throw Unusable(junit + " can't be written");
    }
    return failed ? 1 : 0;
}

} // namespace

} // namespace rsf::check

int main(int argc, char **argv) try { return rsf::check::run(argc, argv); } catch (const std::exception &error) {
    std::cerr << error.what() << "\n";
    return 2;
}
