// SPDX-License-Identifier: Apache-2.0
#include "render/html/page.hpp"

#include "base/text.hpp"
#include "render/html/diff.hpp"
#include "render/html/script.hpp"
#include "render/html/style.hpp"
#include "render/html/text.hpp"
#include "sketch.hpp"
#include "support/catch.hpp"
#include "texts.hpp"

#include <resourcifier/utf8.hpp>

#include <openssl/evp.h>

#include <algorithm>
#include <string>
#include <vector>

using namespace rsf::base;
using namespace rsf::render;
using namespace rsf::test;

namespace {

std::string hash_of(std::string_view text) {
    unsigned char digest[EVP_MAX_MD_SIZE], base64[2 * EVP_MAX_MD_SIZE];
    unsigned length = 0;
    EVP_Digest(text.data(), text.size(), digest, &length, EVP_sha256(), nullptr);
    EVP_EncodeBlock(base64, digest, static_cast<int>(length));
    return reinterpret_cast<const char *>(base64);
}

// What is wrong with the nesting of elements, or empty.
std::string nesting_problem(const std::string &page) {
    static const std::vector<std::string> empty{"meta", "input", "path", "rect"};
    std::vector<std::string> open;
    for (std::size_t at = page.find('<'); at != std::string::npos; at = page.find('<', at)) {
        const std::size_t end = page.find('>', at);
        if (end == std::string::npos) return "a tag does not end";
        const std::string tag = page.substr(at + 1, end - at - 1);
        const std::string name = tag.substr(0, tag.find_first_of(" \n"));
        at = end;
        if (name == "!DOCTYPE" || tag.ends_with('/')) continue;
        if (name.starts_with('/')) {
            if (open.empty() || "/" + open.back() != name) return "<" + tag + "> closes " + (open.empty() ? "" : open.back());
            open.pop_back();
        } else if (std::ranges::find(empty, name) == empty.end()) {
            open.push_back(name);
            if (name == "script" || name == "style") at = page.find("</" + name, end);
        }
    }
    return open.empty() ? "" : open.back() + " stays open";
}

} // namespace

TEST_CASE("the page's policy allows its own style and script and nothing else") {
    CHECK(hash_of(html_style) == html_style_hash);
    CHECK(hash_of(html_script) == html_script_hash);
    CHECK(html_policy().starts_with("default-src 'none'; "));
    CHECK(html_policy().find("unsafe") == std::string::npos);
}

TEST_CASE("pages are whole, whatever plans say") {
    for (const PlanDocument &plan :
         {sample_plan(0), sample_plan(1), sample_plan(40), sample_plan(400), wide_plan(), hostile_plan()}) {
        const std::string page = html(plan);
        CHECK(nesting_problem(page) == "");
        CHECK(rsf::is_utf8(page));
        CHECK(occurrences(page, "<article ") == plan.resources.size());
        CHECK(occurrences(page, "<script") == 1);
        CHECK(occurrences(page, "<img") == 0);
        CHECK(occurrences(page, " style=\"") == 0);
        CHECK(occurrences(page, "http:") + occurrences(page, "https:") == 0);
    }
}

TEST_CASE("every resource has a section, and those that change are open") {
    const std::string page = html(sample_plan(40));
    CHECK_THAT(page, ContainsSubstring("<h1><span class=\"bad\">1 failed</span>, 4 to delete, 7 to update, 8 to create</h1>"));
    CHECK(occurrences(page, "<details open>") == 20);
    CHECK(occurrences(page, "<details>") == 20);
    CHECK_THAT(page, ContainsSubstring("<article class=\"resource update\" id=\"r-0\">"));
    CHECK_THAT(page, ContainsSubstring("<dt>Left behind</dt><dd><a href=\"#r-22\"><code>shop-22</code></a></dd>"));
    CHECK_THAT(page, ContainsSubstring("<dt>Takes along</dt><dd><code>Secret shop/keys-18</code>, <code>"));
    CHECK_THAT(page, ContainsSubstring("data-label=\"before\"><div class=\"value\">2</div>"));
}

TEST_CASE("a large graph has what changes and its neighbours, and says so") {
    const PlanDocument plan = sample_plan(400);
    const std::string page = html(plan);
    CHECK_THAT(page, ContainsSubstring(" unchanged ones are left out"));
    const std::size_t nodes = occurrences(page, "<g class=\"node ");
    CHECK(nodes < 400);
    CHECK(nodes >= summary_of(plan).changes() + summary_of(plan).failed);
    CHECK(html(sample_plan(40)).find("left out") == std::string::npos);
}

TEST_CASE("lines that took each other's place show where they differ") {
    const std::string out = html_diff("--- a\n+++ b\n@@ -1,2 +1,2 @@\n x\n-image: a:1\n+image: a:2\n");
    CHECK_THAT(out, ContainsSubstring("<div class=\"l\" data-n=\"2\">-image: a:<mark>1</mark></div>"));
    CHECK_THAT(out, ContainsSubstring("<div class=\"l\" data-n=\"2\">+image: a:<mark>2</mark></div>"));
    CHECK_THAT(html_diff("@@ -1 +1 @@\n-k: \xC3\xA4\n+k: \xC3\xB6\n"), ContainsSubstring("-k: <mark>\xC3\xA4</mark>"));
    CHECK_THAT(html_diff("@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+b\n"),
               ContainsSubstring("<div class=\"note\">No newline"));
    CHECK(out.find("b</div>") == std::string::npos); // the title says which file it is
    CHECK(html_diff("") == "<div class=\"diff\"></div>");
}

TEST_CASE("HTML is escaped") {
    CHECK(escaped("<a href=\"x\" b='y'>&amp;") == "&lt;a href=&quot;x&quot; b=&#39;y&#39;&gt;&amp;amp;");
    CHECK(escaped("a\n\tb") == "a\n\tb");
    CHECK(escaped("\x01\xff\r") == "\\x01\\xFF\\x0D");
    CHECK(escaped("a\u202Eb\u2066\u2069") == "a\\u202Eb\\u2066\\u2069");
    CHECK(escaped("\u2014\u2027") == "\u2014\u2027");
}
