// SPDX-License-Identifier: Apache-2.0
//
// Checks a driver's raw answer and turns it into an Answer; and the other way round, for what a driver is answered. Pure.
#pragma once

#include "drivers/abi/answer_sink.hpp"
#include "drivers/call.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace rsf::drivers {

// How a call wants its answer, and what it is counted against.
struct Wanted {
    Wanted() = default;
    explicit Wanted(const Call &call) : as_text(call.as_text), memory(call.memory) {}
    bool as_text = false;
    std::shared_ptr<Share> memory; // null: it is not counted. The answer's text is counted there already
};

// The answer to a call of verb. driver: its name, and during: what it was called for ("create"), if not verb; both for messages
// about its faults. secrets: texts to be masked in messages.
Answer judge(RawAnswer raw, Verb verb, std::string_view driver, const std::vector<std::string> &secrets,
             std::string_view during = {}, const Wanted &wanted = {});

// What a driver says by rsf.settle/1 and rsf.kind/1. What is not as extensions.h describes it is a failure of the driver's.
Settled judge_settlement(RawAnswer raw, std::string_view driver, const std::vector<std::string> &secrets, const Wanted &wanted);
Named judge_kind(RawAnswer raw, std::string_view driver, const std::vector<std::string> &secrets);

// The health that a driver reported. A failure, or no proper answer, is not ok.
DriverHealth judge_health(RawAnswer raw, std::string_view driver, const std::vector<std::string> &secrets);

// The failure that the driver reported, or one that says why its report is invalid. during: "create".
Failure judge_failure(const RawAnswer::Failure &raw, std::string_view during, std::string_view driver,
                      const std::vector<std::string> &secrets);

// For a call whose answer did not fit into the memory for answers.
Failure no_memory();

// An internal failure that names the driver: "the driver 'x' broke the driver ABI in get: …".
Failure broken(std::string_view driver, std::string_view during, std::string_view what);

// An answer of the daemon as a driver receives it.
RawAnswer raw_answer_of(const Answer &answer);
// A failure that a retry can't correct.
RawAnswer refused(Code code, std::string message);
// The answer to a driver that asks for something during a call that has ended.
RawAnswer call_is_over();

} // namespace rsf::drivers
