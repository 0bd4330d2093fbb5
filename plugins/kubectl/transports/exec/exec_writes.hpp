// SPDX-License-Identifier: Apache-2.0
//
// Writes as processes: one kubectl for all writes of a batch, whose output tells how each of them ended. Some verbs need further
// kubectls, to read the live objects or to wait. Thread-safe.
#pragma once

#include "kubectl/api/bodies/managed_fields.hpp"
#include "kubectl/api/bodies/posted.hpp"
#include "kubectl/api/settling.hpp"
#include "kubectl/api/types/aggregation.hpp"
#include "kubectl/api/types/discovery.hpp"
#include "kubectl/api/types/recent_definitions.hpp"
#include "kubectl/api/types/schemas.hpp"
#include "kubectl/transports/exec/kubectl_output.hpp"
#include "kubectl/transports/exec/kubectl_process.hpp"

#include <resourcifier/driver.hpp>

#include <atomic>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace rsf::kubectl::transports {

class ExecWrites {
  public:
    // settings and kubectl outlive it.
    ExecWrites(Host host, const settings::Settings &settings, const KubectlProcess &kubectl);

    // An answer for each, in their order. They have one verb, flags, deadline and request.
    std::vector<BatchAnswer> perform(const std::vector<Call> &calls) const;

    // Whether this write was done; in exec_settling.cpp.
    Settlement settle(const Call &call) const;

  private:
    // A write, in the form that kubectl reads.
    struct Write {
        Call call;
        api::Posted posted;
        std::string text;     // of the object
        std::string ns;       // for --namespace; empty: the object names one, or the context does
        std::string known_ns; // where the object is, if it is known and the object has a namespace at all
        std::optional<BatchAnswer> answer;
    };
    using Writes = std::vector<Write *>;
    using Found = std::map<const Write *, LiveObject>;
    static constexpr int most_turns = 8; // of a write whose object was changed meanwhile

    std::optional<Write> prepare(const Call &call) const; // none: there is nothing to delete
    api::ClockReading read_clock(const Call &call) const;
    void name_never_stored(std::vector<Write> &writes) const;
    void check_recent(const Write &write) const;
    static std::vector<Writes> groups_of(std::vector<Write> &writes);
    static Writes open(const Writes &writes);
    // command, with the flag for a dry run by the server if the call is one.
    static Words as_asked(const Call &call, Words command);
    template <class Make> static void answer_with(Write &write, Make make);
    static Found found_in(const process::Ending &ending, const Writes &writes);
    static Found assign(const Writes &writes, std::vector<LiveObject> objects);

    // Each of these sets the answer of writes that fail. perform, put and remove set the answers of all others as well. All
    // writes of one call to them have the same namespace for --namespace.
    void perform(const Writes &writes) const;
    void put(const Writes &writes, const Words &command, Outcome outcome, const Found *before = nullptr) const;
    void put_again(const Writes &writes, bool others_failed, const Words &command, const Found &before) const;
    // In exec_deletes.cpp.
    void remove(const Writes &writes) const;
    void fail_those_left(const Writes &writes, const Error &failed) const;
    void look_up_unknown_kinds(const Writes &writes) const;
    std::optional<api::ApiType> type_of_deleted(const Write &write) const;
    BatchAnswer remove_as(const Write &write, const api::ApiType &type) const;
    static Result absent();

    void replace(const Writes &writes) const;
    static Writes overtaken(const Writes &writes);
    static void repeat_overtaken(const Writes &writes, const std::function<void(const Writes &)> &again);
    void carry_over_live(const Writes &writes) const;
    Found read_live(const Writes &writes) const;
    Found read_with_managers(const Writes &writes) const;

    // In exec_apply.cpp.
    void apply(const Writes &writes) const;
    void make_body(Write &write) const;
    bool has_status(const Write &write) const;
    std::vector<std::string> resources_of(const Write &write) const;
    Writes refused_too_early(const Writes &writes) const;
    void take_over(const Writes &writes, Found live) const;
    bool take_over_at_once(const Writes &writes, Found live) const;
    bool take_over_by_patch(const Write &write, const json::object &live) const;
    void put_planned(const Writes &writes, const Found &before) const;
    void plan_over_own(const Writes &writes, const Found &before) const;
    std::optional<json::object> planned_replacement(const Write &write, const json::object &live) const;
    Words apply_command(bool force) const;
    Words with_managers(Words command) const;
    api::Managers own() const { return {settings_.field_manager, "kubectl-create", "kubectl-replace"}; }
    std::optional<Error> answer_failed(const process::Ending &ending, const Writes &writes) const;

    process::Ending run_over(const Writes &writes, Words command, std::chrono::milliseconds reserve = {}) const;
    process::Ending run_over(const Writes &writes, std::vector<std::string> texts, Words command,
                             std::chrono::milliseconds reserve = {}) const;
    Result result_of(const Write &write, LiveObject live, Outcome outcome) const;

    const Host host_;
    const settings::Settings &settings_;
    const KubectlProcess &kubectl_;
    mutable api::Schemas schemas_;
    mutable api::RecentDefinitions definitions_;
    mutable std::atomic<bool> shows_managers_ = true; // this kubectl is not known to lack the flag
    const api::Aggregation aggregation_;
};

} // namespace rsf::kubectl::transports
