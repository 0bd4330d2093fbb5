// SPDX-License-Identifier: Apache-2.0
#include "render/markdown.hpp"

#include "base/text.hpp"
#include "render/diff_cutting.hpp"
#include "render/markdown_text.hpp"
#include "sketch.hpp"
#include "support/catch.hpp"
#include "texts.hpp"

#include <resourcifier/utf8.hpp>

#include <algorithm>
#include <sstream>
#include <string>
#include <vector>

using namespace rsf::base;
using namespace rsf::render;
using namespace rsf::test;

namespace {

// Without what stands in fences; "" when a fence does not close or closes early.
std::string outside_fences(const std::string &text) {
    std::istringstream lines(text);
    std::string out, fence;
    for (std::string line; std::getline(lines, line);) {
        if (!fence.empty()) {
            if (line == fence) fence.clear();
        } else if (line.ends_with("`diff")) {
            fence = line.substr(0, line.size() - 4);
        } else {
            out += line + "\n";
        }
    }
    return fence.empty() ? out : "";
}

PlanDocument plan_of(std::vector<PlannedResource> resources) {
    return {"prod", "replace", "dryrun", "0.1", "2026-03-14T09:26:53Z", std::move(resources)};
}

} // namespace

TEST_CASE("a comment begins with the verdict") {
    PlanDocument plan = plan_of({planned("Service", "a", "b", Action::create, "", "x: 1\n")});
    plan.resources.push_back(planned("Service", "a", "c", Action::unchanged, "", ""));
    CHECK_THAT(markdown(plan), StartsWith("**1 to create**, 1 unchanged, on target `prod`\n"));
    plan.resources.push_back(planned("Service", "a", "d", Action::failed, "", ""));
    plan.resources.back().errors = {"refused"};
    CHECK_THAT(markdown(plan), StartsWith(":x: **1 FAILED, 1 to create**, 1 unchanged, on target `prod`\n\n**Errors**\n\n"
                                          "- Service `a/d`: refused\n"));
    CHECK_THAT(markdown(plan_of({})), StartsWith("**No changes**, 0 unchanged, on target `prod`\n"));
}

TEST_CASE("what the target warns of is listed after the errors, and bounded") {
    PlanDocument plan = plan_of({planned("Service", "a", "b", Action::create, "", "x: 1\n")});
    plan.resources[0].warnings = {"It is old."};
    CHECK_THAT(markdown(plan), ContainsSubstring("\n**Warnings**\n\n- Service `a/b`: It is old.\n"));
    plan.resources[0].warnings.assign(1000, "It is old.");
    CHECK_THAT(markdown(plan), ContainsSubstring("more, left out here\n"));
    CHECK(markdown(plan).size() < 10'000);
}

TEST_CASE("a row of a delete says what goes along, and that of a failure what it keeps") {
    PlanDocument plan = plan_of(
        {planned("Namespace", "", "shop", Action::remove, "x: 1\n", ""), planned("Service", "a", "d", Action::failed, "", "")});
    for (const char *name : {"one", "two", "three", "four"})
        plan.resources[0].takes_along.push_back({{"kind", "Secret"}, {"namespace", "shop"}, {"name", name}});
    plan.resources[1].errors = {"refused"};
    plan.resources[1].left_behind = {"db"};
    CHECK_THAT(markdown(plan),
               ContainsSubstring("goes, and takes 4 along: <code>Secret shop/one</code>, <code>Secret shop/two</code>, "
                                 "<code>Secret shop/three</code>, and 1 more |") &&
                   ContainsSubstring("| refused; left behind with it: `db` |"));
}

TEST_CASE("a row says what changes, most urgent first, and unchanged resources have none") {
    PlanDocument plan = sample_plan(40);
    const std::string text = markdown(plan);
    CHECK_THAT(text, ContainsSubstring("| update | Deployment | `shop/app-0` | `spec.replicas` `2` → `3`, "
                                       "`spec.template.spec.containers[name=web].image`, "
                                       "`spec.template.spec.containers[name=web].ports` removed | server |\n"));
    CHECK_THAT(text, ContainsSubstring("| **delete** | ConfigMap | `shop/shop-8` | goes | client |\n"));
    CHECK(text.find("| **failed** |") < text.find("| **delete** |"));
    CHECK(text.find("| **delete** |") < text.find("| update |"));
    CHECK(text.find("| unchanged |") == std::string::npos);
    CHECK(text.find("Left out") == std::string::npos);
    CHECK(occurrences(text, "<details>") == occurrences(text, "```diff"));
    CHECK_THAT(text, ContainsSubstring("\n+  replicas: 3\n"));
}

TEST_CASE("large plans keep to the limit and say what they leave out") {
    struct Case {
        const char *title;
        PlanDocument plan;
        const char *said;
    };
    PlanDocument huge = sample_plan(400), endless = sample_plan(4000), loud = sample_plan(400);
    std::string before, after;
    for (int line = 0; line < 3000; ++line) (before += "old line\n"), (after += "new line " + std::to_string(line) + "\n");
    const std::string long_diff = planned("ConfigMap", "a", "b", Action::update, before, after).diff;
    for (PlannedResource &resource : huge.resources) resource.diff = long_diff;
    for (PlannedResource &resource : loud.resources) {
        resource.errors.assign(20, std::string(1000, '|'));
        resource.risks.assign(20, {std::string(1000, '<'), std::string(1000, '@')});
    }
    PlanDocument two = plan_of({planned("ConfigMap", "a", "b", Action::update, before, after),
                                planned("ConfigMap", "a", "c", Action::update, "a: 1\n", "a: 2\n")});
    const Case cases[] = {{"two", two, "the middle of 1 diff."}, {"many", sample_plan(400), "whole diffs."},
                          {"huge", huge, "whole diffs."},        {"endless", endless, "rows of the table."},
                          {"loud", loud, "more, left out here"}, {"wide", wide_plan(), "the middle of 2 diffs."},
                          {"hostile", hostile_plan(), "sub"}};
    for (const Case &each : cases) {
        INFO(each.title);
        const std::string text = markdown(each.plan);
        CHECK(length_of(text) <= longest_markdown);
        CHECK(length_of(text) > (std::string(each.title) == "hostile" ? 1000 : 30'000));
        CHECK_THAT(text, ContainsSubstring(each.said));
        CHECK(rsf::is_utf8(text));
        CHECK(outside_fences(text) != "");
    }
    CHECK_THAT(markdown(two), ContainsSubstring("\n-a: 1\n+a: 2\n")); // the short one is whole
}

TEST_CASE("what objects are called and say can't break out of a comment") {
    const std::string text = outside_fences(markdown(hostile_plan()));
    REQUIRE(!text.empty());
    for (const char *evil :
         {"<script", "<img", "<h1", "<b>", "<!--", "@everyone", "#123", "[x](", "\\", "\n#", "](", "~~~", "\u202E"}) {
        INFO(evil);
        CHECK(text.find(evil) == std::string::npos);
    }
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        INFO(line);
        if (line.starts_with("|")) CHECK(std::ranges::count(line, '|') == 6);
        CHECK(occurrences(line, "<code>") == occurrences(line, "</code>"));
    }
    CHECK(occurrences(text, "<details>") == occurrences(text, "</details>"));
}

TEST_CASE("a fence is longer than what it holds") {
    CHECK(markdown_fence("diff", "+a\n") == "```diff\n+a\n```\n");
    CHECK(markdown_fence("", "```` `") == "`````\n```` `\n`````\n");
    CHECK(markdown_fence("", "a\r\n\xff\t") == "```\na\\x0D\n\\xFF\t\n```\n");
}

TEST_CASE("text is escaped only where it must be") {
    CHECK(markdown_code("spec.containers[name=web].image", 99) == "`spec.containers[name=web].image`");
    CHECK(markdown_code("a|b`", 99) == "<code>a&#124;b&#96;</code>");
    CHECK(markdown_code("", 99) == "<code></code>");
    CHECK(markdown_prose("Not found, \"x\" at line 3.", 99) == "Not found, \"x\" at line 3.");
    CHECK(markdown_prose("@a #1 <b>", 99) == "&#64;\u200Ba &#35;\u200B1 &#60;b&#62;");
}

TEST_CASE("space is shared so that short diffs stay whole") {
    const std::vector<std::size_t> lengths{10, 1000, 20, 500};
    CHECK(fair_share(lengths, 2000) == 1000);
    CHECK(fair_share(lengths, 830) == 400);
    CHECK(fair_share({}, 10) == 0);
    CHECK(cut_diff("short\n", 100) == "short\n");
    std::string diff;
    for (int i = 0; i < 100; ++i) diff += "line " + std::to_string(i) + "\n";
    const std::string cut = cut_diff(diff, 200);
    CHECK(cut.size() <= 205);
    CHECK_THAT(cut, StartsWith("line 0\n") && EndsWith("line 99\n") && ContainsSubstring(" lines left out …\n"));
    CHECK(length_of(cut_diff(std::string(5000, 'x'), 200)) <= 200);
}
