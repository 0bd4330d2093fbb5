// SPDX-License-Identifier: Apache-2.0
#include "report.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <ostream>

namespace rsf::check {

namespace {

constexpr std::size_t longest_reason = 4096; // bytes of a reason

// Escapes XML's special characters; printable() escapes control characters.
std::string in_xml(const std::string &text) {
    std::string escaped;
    for (const char c : base::printable(text, longest_reason)) {
        switch (c) {
        case '&': escaped += "&amp;"; break;
        case '<': escaped += "&lt;"; break;
        case '>': escaped += "&gt;"; break;
        case '"': escaped += "&quot;"; break;
        default: escaped += c;
        }
    }
    return escaped;
}

// Within double quotes.
std::string in_yaml(const std::string &text) {
    std::string escaped;
    for (const char c : base::printable(text, longest_reason)) {
        if (c == '"' || c == '\\') escaped += '\\';
        escaped += c;
    }
    return escaped;
}

auto count_of(const std::vector<Outcome> &outcomes, Verdict::Kind kind) {
    return std::count_if(outcomes.begin(), outcomes.end(), [&](const Outcome &each) { return each.verdict.kind == kind; });
}

} // namespace

void begin_tap(std::ostream &out, std::size_t count) { out << "TAP version 13\n1.." << count << std::endl; }

void write_tap(std::ostream &out, std::size_t number, const Outcome &outcome) {
    const bool failed = outcome.verdict.kind == Verdict::Kind::failed;
    out << (failed ? "not ok " : "ok ") << number << " - " << outcome.name << ": " << outcome.title;
    if (outcome.verdict.kind == Verdict::Kind::skipped) out << " # SKIP " << base::printable(outcome.verdict.why, longest_reason);
    for (const std::string &line : outcome.says) out << "\n# " << base::printable(line, longest_reason);
    if (failed) out << "\n  ---\n  message: \"" << in_yaml(outcome.verdict.why) << "\"\n  ...";
    out << std::endl;
}

void write_junit(std::ostream &out, const std::string &driver, const std::vector<Outcome> &outcomes) {
    out << "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"" << in_xml(driver) << "\" tests=\"" << outcomes.size()
        << "\" failures=\"" << count_of(outcomes, Verdict::Kind::failed) << "\" skipped=\""
        << count_of(outcomes, Verdict::Kind::skipped) << "\">\n";
    for (const Outcome &outcome : outcomes) {
        out << "  <testcase name=\"" << in_xml(outcome.name) << "\" classname=\"" << in_xml(driver) << "\" time=\""
            << outcome.took.count() << "\"";
        if (outcome.verdict.kind == Verdict::Kind::passed) {
            out << "/>\n";
            continue;
        }
        const char *element = outcome.verdict.kind == Verdict::Kind::failed ? "failure" : "skipped";
        out << "><" << element << " message=\"" << in_xml(outcome.verdict.why) << "\"/></testcase>\n";
    }
    out << "</testsuite>\n";
}

} // namespace rsf::check
