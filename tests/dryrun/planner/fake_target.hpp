// SPDX-License-Identifier: Apache-2.0
//
// fake_target.hpp: a target to plan over, whose answers the test gives. Not thread-safe.
#pragma once

#include <dryrun/planner/planner.hpp>
#include <resourcifier/driver.hpp>
#include <resourcifier/other_target.hpp>

#include <deque>
#include <functional>
#include <string>
#include <vector>

namespace rsf::dryrun::planner {

class FakeTarget {
  public:
    struct Asked {
        std::uint32_t verb;
        std::string type, name;
        json::object object;
        bool dry_run;
        std::string ns;
        std::string expected_revision{};
    };
    // Throws Error to fail.
    using Answer = std::function<json::object(const Asked &)>;

    explicit FakeTarget(Answer answer, std::string driver = "kubectl", bool has_dry_run = true)
        : answer_(std::move(answer)), driver_(std::move(driver)), has_dry_run_(has_dry_run) {}

    std::vector<Asked> calls; // all calls, in their order
    std::string expects;      // the revision that the plan's writes expect
    std::string warns;        // JSON: what its dry runs warn of

    // A plan's steps, one after the other.
    std::vector<json::object> plan(std::uint32_t verb, const std::vector<json::object> &objects) {
        const OtherTarget over(Host(&raw_), "prod");
        std::deque<std::string> texts;
        PlanRequest request{verb, {}, {}};
        for (std::size_t i = 0; i < objects.size(); ++i) {
            const std::string_view name = texts.emplace_back("r" + std::to_string(i));
            request.resources.push_back({name, "Thing", texts.emplace_back(json::serialize(objects[i]))});
        }
        Planner planner(over, request);
        std::vector<json::object> steps;
        for (std::size_t i = 0; i < objects.size(); ++i) {
            rsf_call call{};
            call.size = sizeof call;
            call.verb = verb;
            const json::value *kind = objects[i].if_contains("kind");
            const std::string type = kind && kind->is_string() ? std::string(kind->get_string()) : "Thing";
            call.type = text(type);
            call.name = text(request.resources[i].name);
            call.object = text(request.resources[i].object_text);
            call.cancelled = [](const rsf_call *) { return 0; };
            call.expected_revision = text(expects);
            steps.push_back(planner.step(i, Call(call), {}));
        }
        return steps;
    }

  private:
    struct Raw : rsf_host {
        FakeTarget *self;
    };

    static const void *get_extension(const rsf_host *, rsf_text id) {
        static const rsf_target table{sizeof(rsf_target), 0, perform, describe};
        return view(id) == RSF_EXT_TARGET ? &table : nullptr;
    }

    static void perform(const rsf_host *host, const rsf_call *, rsf_text, const rsf_call *raw, rsf_sink *sink) {
        FakeTarget &self = *static_cast<const Raw *>(host)->self;
        const Call call(*raw);
        const Asked asked{call.verb(),
                          std::string(call.type()),
                          std::string(call.name()),
                          call.object_text().empty() ? json::object() : call.object(),
                          call.dry_run(),
                          std::string(call.ns()),
                          std::string(call.expected_revision())};
        self.calls.push_back(asked);
        try {
            const std::string answer = json::serialize(self.answer_(asked));
            const rsf_text warnings = asked.dry_run ? text(self.warns) : rsf_text{};
            const rsf_result result{sizeof result, RSF_OUTCOME_DONE, text(answer), {}, {}, warnings};
            sink->succeed(sink, &result);
        } catch (const Error &error) {
            const std::string message = error.what();
            const std::string details = error.details.is_null() ? "" : json::serialize(error.details);
            const rsf_failure failure{
                sizeof failure, static_cast<std::int32_t>(error.code), text(message), 0, 0, 0, text(details), 0, 0};
            sink->fail(sink, &failure);
        }
    }

    static void describe(const rsf_host *host, rsf_text, rsf_sink *sink) {
        const FakeTarget &self = *static_cast<const Raw *>(host)->self;
        json::array extensions;
        if (self.has_dry_run_) extensions.emplace_back(RSF_EXT_DRY_RUN);
        const std::string said = json::serialize(
            json::object{{"target", "prod"}, {"driver", self.driver_}, {"version", "1"}, {"extensions", std::move(extensions)}});
        const rsf_result result{sizeof result, RSF_OUTCOME_DONE, text(said), {}, {}, {}};
        sink->succeed(sink, &result);
    }

    static rsf_host host_of() {
        rsf_host host{};
        host.size = sizeof host;
        host.get_extension = get_extension;
        return host;
    }

    const Answer answer_;
    const std::string driver_;
    const bool has_dry_run_;
    const Raw raw_{host_of(), this};
};

} // namespace rsf::dryrun::planner
