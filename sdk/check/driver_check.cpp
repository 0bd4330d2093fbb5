// SPDX-License-Identifier: Apache-2.0
#include "driver_check.hpp"

#include "base/text.hpp"
#include "checks.hpp"
#include "drivers/abi/driver_library.hpp"
#include "drivers/schema/settings_schema.hpp"
#include "own_process.hpp"

#include <algorithm>
#include <array>

namespace rsf::check {

namespace {

using drivers::DriverLibrary;
using drivers::Rung;
using Clock = std::chrono::steady_clock;

struct Step {
    const char *name, *title;
};

// The rungs of drivers::Rung, and the check of the settings, all without an instance.
constexpr std::array<Step, 8> ladder{{
    {"file", "the file has an absolute path, and only its owner and root may change it"},
    {"note", "the file has one well-formed ABI note"},
    {"version", "it is built for an ABI that this host speaks"},
    {"library", "the library loads, with every symbol that it needs"},
    {"entry", "it exports rsf_driver_entry, which agrees with the note"},
    {"functions", "its function table is whole"},
    {"descriptor", "its descriptor is sound, and so is the schema of its settings"},
    {"settings", "the settings fit the schema"},
}};

std::string sentence(const base::Error &error) { return base::printable(to_string(error), 4096); }

// The driver, loaded in the process that this runs in; throws Failed when it does not load.
std::shared_ptr<const DriverLibrary> load(const std::filesystem::path &file, const std::function<void(Rung)> &on = {}) {
    auto library = DriverLibrary::load(file, drivers::own_abi(), on);
    if (!library) throw Failed(sentence(library.error()));
    return *library;
}

json::object with_defaults(const DriverLibrary &library, const json::object &settings) {
    auto applied = drivers::apply_schema(library.descriptor().settings_schema, settings);
    if (!applied) throw Failed(sentence(applied.error()));
    return *applied;
}

class Run {
  public:
    Run(const Request &request, const std::function<void(const Outcome &)> &told)
        : request_(request), told_(told), limit_(std::max(10 * request.patience, std::chrono::milliseconds(60'000))) {}

    std::vector<Outcome> run() {
        climb();
        for (const Check &check : checks()) {
            if (!request_.wants(check.name)) continue;
            const Clock::time_point begun = Clock::now();
            std::vector<std::string> said;
            const Verdict verdict = missing_.empty() ? verdict_of(check, said) : skipped();
            if (verdict.kind == Verdict::Kind::failed && check.is_prerequisite) missing_ = check.name;
            add({check.name, check.title, verdict, Clock::now() - begun, std::move(said)});
        }
        return std::move(outcomes_);
    }

  private:
    void add(Outcome outcome) {
        told_(outcome);
        outcomes_.push_back(std::move(outcome));
    }

    Verdict skipped() const { return {Verdict::Kind::skipped, "not run, since " + missing_ + " failed"}; }

    // The ladder, all in one process: each rung is reported before it is tried, so that the last one reported is the one that
    // failed.
    void climb() {
        const Clock::time_point begun = Clock::now();
        std::vector<std::string> told;
        const Verdict whole = alone(
            [&](const WriteLine &write_line) {
                const auto library =
                    load(request_.driver, [&](Rung rung) { write_line("rung " + std::to_string(static_cast<int>(rung))); });
                write_line("rung " + std::to_string(ladder.size() - 1));
                with_defaults(*library, request_.settings);
            },
            told);
        const std::size_t last = told.empty() ? 0 : std::stoul(told.back().substr(5));
        for (std::size_t i = 0; i < ladder.size(); ++i) {
            Verdict verdict;
            if (whole.kind == Verdict::Kind::failed && i >= last) verdict = i == last ? whole : skipped();
            if (verdict.kind == Verdict::Kind::failed) missing_ = ladder[i].name;
            add({ladder[i].name, ladder[i].title, verdict, i == 0 ? Clock::now() - begun : Clock::duration{}});
        }
    }

    // said: the check's remarks.
    Verdict verdict_of(const Check &check, std::vector<std::string> &said) const {
        return alone(
            [&](const WriteLine &write_line) {
                const Surroundings before = Surroundings::of_this_process();
                const auto library = load(request_.driver);
                const json::object settings = with_defaults(*library, request_.settings);
                Subject subject(library->entry(), settings,
                                drivers::secret_values(library->descriptor().settings_schema, settings), request_.sample,
                                request_.patience, before);
                check.run(subject);
                for (const std::string &line : subject.said()) write_line(base::printable(line, 4096));
            },
            said);
    }

    // The verdict on work, which runs in a process of its own. told: the other lines that it wrote.
    template <class Work> Verdict alone(const Work &work, std::vector<std::string> &told) const {
        const auto guarded = [&](const WriteLine &write_line) {
            try {
                work(write_line);
                write_line("passed");
            } catch (const Failed &failed) {
                write_line(std::string("failed ") + base::printable(failed.what(), 4096));
            } catch (const Skipped &skipped) {
                write_line(std::string("skipped ") + base::printable(skipped.what(), 4096));
            } catch (const std::exception &thrown) {
                write_line(std::string("failed it let an exception out: ") + base::printable(thrown.what(), 4096));
            } catch (...) {
                write_line("failed it let an exception out that is not a std::exception");
            }
        };
        Ran ran = run_in_own_process(guarded, limit_);
        Verdict verdict{Verdict::Kind::failed, ran.end};
        for (std::string &line : ran.lines) {
            if (line == "passed")
                verdict = {};
            else if (line.starts_with("failed "))
                verdict = {Verdict::Kind::failed, line.substr(7)};
            else if (line.starts_with("skipped "))
                verdict = {Verdict::Kind::skipped, line.substr(8)};
            else
                told.push_back(std::move(line));
        }
        // A process that passed, and whose end was not normal, was ended by something that the driver left in it.
        if (verdict.kind != Verdict::Kind::failed && !ran.end.empty())
            verdict = {Verdict::Kind::failed, "at its end, " + ran.end};
        return verdict;
    }

    const Request &request_;
    const std::function<void(const Outcome &)> &told_;
    const std::chrono::milliseconds limit_;
    std::string missing_; // the prerequisite that failed; empty: none
    std::vector<Outcome> outcomes_;
};

} // namespace

bool Request::wants(std::string_view check) const {
    const auto is_it = [&](const std::string &name) { return name == check; };
    return (only.empty() || std::any_of(only.begin(), only.end(), is_it)) && std::none_of(skip.begin(), skip.end(), is_it);
}

std::vector<CheckName> names_of_checks() {
    std::vector<CheckName> names;
    for (const Step &step : ladder) names.push_back({step.name, step.title, true});
    for (const Check &check : checks()) names.push_back({check.name, check.title, false});
    return names;
}

std::vector<Outcome> check_driver(const Request &request, const std::function<void(const Outcome &)> &outcome) {
    return Run(request, outcome).run();
}

} // namespace rsf::check
