// SPDX-License-Identifier: Apache-2.0
//
// Judges what a driver said: whether it is an answer at all, and which; and the way back, for what a driver is told. Pure.
#pragma once

#include "drivers/answer_sink.hpp"
#include "drivers/call.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace rsf::drivers {

// How an answer is wanted, and where it is counted: as its call says it.
struct Wanted {
    Wanted() = default;
    explicit Wanted(const Call &call) : as_text(call.as_text), memory(call.memory) {}
    bool as_text = false;
    std::shared_ptr<Share> memory; // null: it does not count. The text that was said is counted there already
};

// An answer such as verb has. driver: its name, for the sentence that says what it did wrong, and during: in what ("create"), if
// not in verb. secrets: texts to be hidden in what it tells people.
Answer judge(Said said, Verb verb, std::string_view driver, const std::vector<std::string> &secrets, std::string_view during = {},
             const Wanted &wanted = {});

// What a driver said of its health. A failure, and what is no answer, is not ok.
DriverHealth judge_health(Said said, std::string_view driver, const std::vector<std::string> &secrets);

// A failure that the driver reported properly, or one that says why what it reported is none. during: "create".
Failure judge_failure(const Said::Failure &said, std::string_view during, std::string_view driver,
                      const std::vector<std::string> &secrets);

// Of a call whose answer did not fit into the memory that there is for answers.
Failure no_memory();
inline constexpr std::string_view memory_is_taken =
    "What the daemon holds of requests and answers takes as much memory as it may";

// An internal failure that names the driver: "the driver 'x' broke the driver ABI in get: …".
Failure broken(std::string_view driver, std::string_view during, std::string_view what);

// An answer of the daemon's own, in the words of the driver ABI.
Said said_of(const Answer &answer);
// A failure that no second attempt can mend.
Said refused(Code code, std::string message);
// What a driver is told that asks something during a call which has ended.
Said call_is_over();

} // namespace rsf::drivers
