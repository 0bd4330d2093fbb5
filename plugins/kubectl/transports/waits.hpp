// SPDX-License-Identifier: Apache-2.0
//
// How both transports wait for what the cluster does after a write. Thread-safe.
#pragma once

#include "kubectl/process/deadline.hpp"

#include <resourcifier/driver.hpp>

#include <algorithm>
#include <chrono>
#include <string>

namespace rsf::kubectl::transports {

// The pause between two reads of something that changes, and between two tries over connections that break: 10 ms after the
// first, twice as long each time, at most 500 ms. Throws Error when the call is over. effect: what may have happened, or empty.
inline void pause(const Call &call, int turn, const char *effect = "") {
    process::Deadline(call).wait(std::chrono::milliseconds(std::min(10 << std::min(turn, 6), 500)), effect);
}

// wait: returns when the new CustomResourceDefinition is in force; objects of its kind are refused before that. False: the user
// may not read it, which is logged. Throws Error when it does not come into force in time, or can't (conflict).
template <class Wait> bool wait_until_in_force(const Host &host, const Call &call, const std::string &definition, Wait wait) {
    try {
        wait();
        return true;
    } catch (const Error &error) {
        const std::string what = "The CustomResourceDefinition " + definition + " was created, but is not in force";
        const auto told = [&](const char *colon) {
            return with_effect(Effect::known, {error.code, what + colon + error.what(), error.retry});
        };
        if (error.code == Code::conflict) throw told(": ");
        if (error.code != Code::forbidden) throw told(" yet: ");
        host.log(LogLevel::warning,
                 "Whether the new CustomResourceDefinition " + definition + " is in force can't be seen: " + error.what(), &call);
        return false;
    }
}

} // namespace rsf::kubectl::transports
