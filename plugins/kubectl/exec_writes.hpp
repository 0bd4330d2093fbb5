// SPDX-License-Identifier: Apache-2.0
//
// Writes as processes: all that come at once go to one kubectl, which says of each what became of it. Sometimes another kubectl
// looks or waits. Thread-safe; its state is constant after construction.
#pragma once

#include "kubectl_process.hpp"
#include "spoken.hpp"

#include <resourcifier/driver.hpp>

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace rsf::kubectl {

class ExecWrites {
  public:
    // settings and kubectl outlive it.
    ExecWrites(Host host, const Settings &settings, const KubectlProcess &kubectl);

    // An answer for each, in their order. They have one verb, flags, deadline and request.
    std::vector<BatchAnswer> perform(const std::vector<Call> &calls) const;

  private:
    struct Write;
    using Writes = std::vector<Write *>;
    using Found = std::map<const Write *, LiveObject>;

    Write prepare(const Call &call) const;
    static std::vector<Writes> groups_of(std::vector<Write> &writes);
    static Writes open(const Writes &writes);
    template <class Make> static void answer_with(Write &write, Make make);
    static Found found_in(const Ending &ending, const Writes &writes);
    static Found assign(const Writes &writes, std::vector<LiveObject> objects);

    // Each gives such of its writes as it fails for their answer; perform, put and remove the others too. None is left without.
    // All of a call's writes have one namespace for --namespace.
    void perform(const Writes &writes) const;
    void put(const Writes &writes, const Words &command, Outcome outcome, const Found *before = nullptr) const;
    void put_again(const Writes &writes, bool others_failed, const Words &command, const Found &before) const;
    void remove(const Writes &writes) const;
    void fail_those_left(const Writes &writes, const Error &failed) const;
    void carry_over_live(const Writes &writes) const;
    Found look(const Writes &writes) const;
    std::optional<Error> answer_failed(const Ending &ending, const Writes &writes) const;

    Ending run_over(const Writes &writes, Words command, std::chrono::milliseconds reserve = {}) const;
    Result result_of(const Write &write, LiveObject live, Outcome outcome) const;
    Result result_of_absent(const Write &write) const;

    const Host host_;
    const Settings &settings_;
    const KubectlProcess &kubectl_;
};

} // namespace rsf::kubectl
