// SPDX-License-Identifier: Apache-2.0
#include "api/resources/readiness.hpp"

#include "base/text.hpp"
#include "operations/operations.hpp"
#include "targets/target_set.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace rsf::api {

namespace {

constexpr std::size_t longest_reason = 500;

class Checklist {
  public:
    void add(std::string_view what, const std::optional<std::string> &failure) {
        const std::string line = failure ? "[-]" + std::string(what) + " failed: " + printable(*failure, longest_reason)
                                         : "[+]" + std::string(what) + " ok";
        note(line, failure.has_value());
    }

    void leave_out(std::string_view what) { note("[+]" + std::string(what) + " excluded: ok", false); }
    void warn(const std::string &line) { note(line, false); }

    Response answer(bool verbose) const {
        const bool is_ready = failing_.empty();
        std::string body = verbose ? all_ : failing_;
        if (!is_ready)
            body += "readyz check failed\n";
        else
            body += verbose ? "readyz check passed\n" : "ok";
        return {is_ready ? 200u : 503u, "text/plain; charset=UTF-8", std::move(body), {}};
    }

  private:
    void note(const std::string &line, bool fails) {
        all_ += line + '\n';
        if (fails) failing_ += line + '\n';
    }

    std::string all_, failing_; // lines
};

bool is_left_out(const Query &query, std::string_view name) {
    return std::ranges::any_of(query, [&](const auto &pair) { return pair.first == "exclude" && pair.second == name; });
}

bool is_verbose(const Query &query) {
    return std::ranges::any_of(query, [](const auto &pair) { return pair.first == "verbose" && pair.second != "false"; });
}

// One target that the answer has a line for.
struct Line {
    std::string target;
    bool is_left_out = false;
    bool is_lost = false;
    std::optional<targets::HealthQuestion> question; // none: it is left out, lost, or being made anew
};

std::optional<std::string> failure_of(const Line &line) {
    if (line.is_lost) return "it had to end for a reload and can't be made again, as the daemon's log says";
    if (!line.question) return "it is being replaced in a reload, and requests wait for it";
    targets::Health health = line.question->answer();
    return health.ok ? std::nullopt : std::optional(std::move(health.reason));
}

} // namespace

std::function<Response()> ask_readiness(std::shared_ptr<const targets::TargetSet> targets, std::string_view name,
                                        bool is_going_down, Query query, std::optional<std::string> store_failure) {
    std::vector<Line> lines;
    for (const auto &[other, target] : targets->by_name) {
        if (!name.empty() && other != name) continue;
        Line &line = lines.emplace_back(Line{other, is_left_out(query, other), false, {}});
        if (target && !line.is_left_out) line.question = target->ask_health();
    }
    for (const std::string &lost : targets->lost)
        if (name.empty() || lost == name) lines.push_back({lost, is_left_out(query, lost), true, {}});
    return [targets = std::move(targets), lines = std::move(lines), is_going_down, query = std::move(query),
            store_failure = std::move(store_failure)] {
        Checklist list;
        list.add("shutdown", is_going_down ? std::optional<std::string>("the daemon is going down") : std::nullopt);
        list.add("store", store_failure);
        for (const Line &line : lines) {
            const std::string what = "target " + line.target;
            if (line.is_left_out)
                list.leave_out(what);
            else
                list.add(what, failure_of(line));
        }
        for (const auto &[key, value] : query)
            if (key == "exclude" && !targets->by_name.contains(value) && !targets->is_lost(value))
                list.warn("warning: there is no target " + in_quotes(value) + " to leave out");
        return list.answer(is_verbose(query));
    };
}

void answer_readiness(const Tools &tools, const Request &request, Admitted admitted, bool is_going_down, Respond respond) {
    store::Health store = tools.operations->health();
    tools.after_questions(request.id, std::move(respond),
                          ask_readiness(std::move(admitted.targets), admitted.route.target, is_going_down,
                                        std::move(admitted.query),
                                        store.ok ? std::nullopt : std::optional(std::move(store.reason))));
}

} // namespace rsf::api
