// SPDX-License-Identifier: Apache-2.0
#include "render/unified_diff.hpp"

#include "support/catch.hpp"
#include "support/temp_folder.hpp"

#include <chrono>
#include <cstdlib>
#include <random>
#include <sstream>
#include <string>
#include <vector>

using rsf::render::unified_diff;
using namespace rsf::test;

namespace {

using Lines = std::vector<std::string>;
using Random = std::minstd_rand; // its numbers are the same everywhere

Lines lines_of(const std::string &text) {
    Lines lines;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size() - 1) + 1;
        lines.push_back(text.substr(at, end - at));
        at = end;
    }
    return lines;
}

// Applies strictly: every line and every number has to fit.
std::string patched(const std::string &before, const std::string &diff) {
    const Lines old_lines = lines_of(before), patch = lines_of(diff);
    std::string after;
    std::size_t at = 0, written = 0;
    for (std::size_t i = 2; i < patch.size();) {
        int old_start = 0, old_count = 1, new_start = 0, new_count = 1;
        std::string header = patch[i++];
        for (char &c : header) c = c == ',' ? ':' : c;
        if (std::sscanf(header.c_str(), "@@ -%d:%d", &old_start, &old_count) < 1) return "bad header " + header;
        if (std::sscanf(header.substr(header.find('+')).c_str(), "+%d:%d", &new_start, &new_count) < 1) return "bad header";
        const std::size_t from = static_cast<std::size_t>(old_count == 0 ? old_start : old_start - 1);
        while (at < from) after += old_lines.at(at++), ++written;
        if (written != static_cast<std::size_t>(new_count == 0 ? new_start : new_start - 1)) return "bad new start";
        while (old_count > 0 || new_count > 0) {
            const char mark = patch.at(i)[0];
            std::string line = patch.at(i++).substr(1);
            if (i < patch.size() && patch[i][0] == '\\') line.pop_back(), ++i;
            if (mark != '+' && old_lines.at(at++) != line) return "a line does not fit";
            if (mark != '-') after += line, ++written;
            old_count -= mark != '+';
            new_count -= mark != '-';
        }
    }
    while (at < old_lines.size()) after += old_lines[at++];
    return after;
}

std::size_t changed_lines(const std::string &diff) {
    std::size_t count = 0;
    const Lines lines = lines_of(diff);
    for (std::size_t i = 2; i < lines.size(); ++i) count += lines[i][0] == '-' || lines[i][0] == '+';
    return count;
}

std::size_t fewest_changes(const Lines &a, const Lines &b) {
    std::vector<std::vector<std::size_t>> same(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
    for (std::size_t i = a.size(); i-- > 0;)
        for (std::size_t j = b.size(); j-- > 0;)
            same[i][j] = a[i] == b[j] ? same[i + 1][j + 1] + 1 : std::max(same[i + 1][j], same[i][j + 1]);
    return a.size() + b.size() - 2 * same[0][0];
}

std::string random_text(Random &random, std::size_t lines, std::size_t alphabet) {
    std::string text;
    for (std::size_t i = 0; i < lines; ++i) text += "line " + std::to_string(random() % alphabet) + "\n";
    return text;
}

std::string edited(Random &random, const std::string &text, std::size_t edits) {
    Lines lines = lines_of(text);
    for (std::size_t i = 0; i < edits; ++i) {
        const std::size_t at = random() % (lines.size() + 1);
        const std::size_t kind = random() % 3;
        if (kind == 0 || at == lines.size())
            lines.insert(lines.begin() + static_cast<std::ptrdiff_t>(at), "new " + std::to_string(random() % 10) + "\n");
        else if (kind == 1)
            lines.erase(lines.begin() + static_cast<std::ptrdiff_t>(at));
        else
            lines[at] = "changed " + std::to_string(random() % 10) + "\n";
    }
    std::string out;
    for (const std::string &line : lines) out += line;
    if (!out.empty() && random() % 4 == 0) out.pop_back();
    return out;
}

} // namespace

TEST_CASE("a diff is written as diff -u writes it") {
    CHECK(unified_diff("a\nb\nc\nd\ne\nf\ng\n", "a\nb\nc\nD\ne\nf\ng\n", "a/x", "b/x", 1) ==
          "--- a/x\n+++ b/x\n@@ -3,3 +3,3 @@\n c\n-d\n+D\n e\n");
    CHECK(unified_diff("same\n", "same\n", "a", "b").empty());
    CHECK(unified_diff("", "", "a", "b").empty());
    CHECK(unified_diff("", "x\ny\n", "/dev/null", "b/x") == "--- /dev/null\n+++ b/x\n@@ -0,0 +1,2 @@\n+x\n+y\n");
    CHECK(unified_diff("x\n", "", "a/x", "/dev/null") == "--- a/x\n+++ /dev/null\n@@ -1 +0,0 @@\n-x\n");
    CHECK(unified_diff("x", "x\n", "a", "b") == "--- a\n+++ b\n@@ -1 +1 @@\n-x\n\\ No newline at end of file\n+x\n");
    CHECK(unified_diff("k\nx", "k\ny", "a", "b") ==
          "--- a\n+++ b\n@@ -1,2 +1,2 @@\n k\n-x\n\\ No newline at end of file\n+y\n\\ No newline at end of file\n");
}

TEST_CASE("changes far apart get hunks of their own, near ones share one") {
    const std::string before = "1\n2\n3\n4\n5\n6\n7\n8\n9\n";
    const auto hunks = [](const std::string &diff) {
        std::size_t count = 0;
        for (const std::string &line : lines_of(diff)) count += line.starts_with("@@");
        return count;
    };
    CHECK(hunks(unified_diff(before, "X\n2\n3\n4\n5\n6\n7\nY\n9\n", "a", "b", 3)) == 1);
    CHECK(hunks(unified_diff(before, "X\n2\n3\n4\n5\n6\n7\n8\nY\n", "a", "b", 3)) == 2);
    CHECK(hunks(unified_diff(before, "X\n2\nY\n4\n5\n6\n7\n8\n9\n", "a", "b", 0)) == 2);
}

TEST_CASE("any diff applies, and no smaller one would do") {
    Random random(20241);
    for (int round = 0; round < 3000; ++round) {
        const std::string before = random_text(random, random() % 40, 1 + random() % 12);
        const std::string after = edited(random, before, random() % 12);
        const std::string diff = unified_diff(before, after, "a", "b", random() % 5);
        INFO(before << "----\n" << after << "----\n" << diff);
        REQUIRE(patched(before, diff) == after);
        REQUIRE(changed_lines(diff) == fewest_changes(lines_of(before), lines_of(after)));
    }
}

TEST_CASE("the patch program makes the one text of the other") {
    if (std::system("patch --version >/dev/null 2>&1") != 0) {
        WARN("there is no patch program");
        return;
    }
    const TempFolder folder;
    Random random(7);
    for (int round = 0; round < 60; ++round) {
        const std::string before = random_text(random, 1 + random() % 60, 8), after = edited(random, before, 1 + random() % 9);
        if (before == after || after.empty()) continue;
        folder.write("x", before);
        folder.write("diff", unified_diff(before, after, "a/x", "b/x"));
        INFO(folder.read("diff"));
        REQUIRE(std::system(("cd '" + folder.path().string() + "' && patch -s -p1 -F0 <diff").c_str()) == 0);
        REQUIRE(folder.read("x") == after);
    }
}

TEST_CASE("huge texts that have nothing in common are compared in short time") {
    Random random(1);
    const auto began = std::chrono::steady_clock::now();
    const std::string few_words = random_text(random, 200'000, 50), others = random_text(random, 200'000, 50);
    CHECK(patched(few_words, unified_diff(few_words, others, "a", "b")) == others);
    const std::string a = random_text(random, 200'000, 1u << 30), b = random_text(random, 200'000, 1u << 30);
    CHECK(patched(a, unified_diff(a, b, "a", "b")) == b);
    CHECK(std::chrono::steady_clock::now() - began < std::chrono::seconds(30)); // under sanitizers, too
}
