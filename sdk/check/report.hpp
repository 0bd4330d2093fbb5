// SPDX-License-Identifier: Apache-2.0
//
// The results of the checks, as TAP and as JUnit XML.
#pragma once

#include <chrono>
#include <iosfwd>
#include <string>
#include <vector>

namespace rsf::check {

struct Verdict {
    enum class Kind { passed, failed, skipped } kind = Kind::passed;
    std::string why; // of those that did not pass
};

struct Outcome {
    std::string name;
    std::string title;
    Verdict verdict;
    std::chrono::duration<double> took{};
    std::vector<std::string> says{}; // remarks that are no verdict
};

// TAP version 13 (https://testanything.org/tap-version-13-specification.html): its head, one line for each outcome as it comes.
void begin_tap(std::ostream &out, std::size_t count);
void write_tap(std::ostream &out, std::size_t number, const Outcome &outcome);

// JUnit's XML, as CI systems read it.
void write_junit(std::ostream &out, const std::string &driver, const std::vector<Outcome> &outcomes);

} // namespace rsf::check
