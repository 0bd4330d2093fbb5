// SPDX-License-Identifier: Apache-2.0
//
// Block scalars in every style, with every chomping, behind which any number of blank lines and anything else stands. The values
// are those of YAML 1.2, 8.1, which go-yaml reads, too.
#include "documents.hpp"

using namespace rsf::parse;
namespace json = boost::json;

namespace {

struct Content {
    const char *name, *lines, *literal, *folded; // as they are without the line breaks at the end
};

const std::vector<Content> contents{
    {"one line", "  a\n", "a", "a"},
    {"two lines", "  a\n  b\n", "a\nb", "a b"},
    {"a blank line between", "  a\n\n  b\n", "a\n\nb", "a\nb"},
    {"blank lines before", "\n\n  a\n", "\n\na", "\n\na"},
    {"a last line that is indented more", "  a\n   b\n", "a\n b", "a\n b"},
    {"a line of blanks that is indented more", "  a\n     \n", "a\n   ", "a\n   "},
    {"what looks like a comment", "  # a\n", "# a", "# a"},
};

struct Follower {
    const char *name, *text, *in_json; // in_json: what it adds to the mapping
};

const std::vector<Follower> followers{
    {"the end", "", ""},
    {"a key", "w: x\n", R"(,"w":"x")"},
    {"a comment", "# c\n", ""},
    {"a comment within", " # c\nw: x\n", R"(,"w":"x")"},
    {"the end of the document", "...\n", ""},
    {"a marker", "---\n", ""},
};

const std::vector<std::pair<const char *, std::string>> blanks{
    {"no line", ""}, {"one", "\n"}, {"two", "\n\n"}, {"three", "\n\n\n"}, {"with blanks in them", " \n  \n"}};

std::string ending(char chomping, const std::string &between) {
    if (chomping == '-') return {};
    if (chomping != '+') return "\n";
    return std::string(1 + static_cast<std::size_t>(std::count(between.begin(), between.end(), '\n')), '\n');
}

std::string with_returns(const std::string &text) {
    std::string result;
    for (const char c : text) result += c == '\n' ? "\r\n" : std::string(1, c);
    return result;
}

void check(const std::string &text, const std::string &expected) {
    for (const std::string &document : {text, with_returns(text)}) {
        const auto read = read_yaml(document, {});
        INFO(json::serialize(json::string(document)));
        CHECK((read ? write_json(read->value) : error_of(read)) == expected);
    }
}

} // namespace

TEST_CASE("a block scalar keeps, clips or strips its last line breaks, whatever follows") {
    for (const char style : {'|', '>'})
        for (const char *header : {"", "-", "+", "2", "2-", "+2"})
            for (const Content &content : contents)
                for (const auto &[count, between] : blanks)
                    for (const Follower &follower : followers) {
                        INFO(style << header << ", " << content.name << ", " << count << ", then " << follower.name);
                        const char chomping = std::string_view(header).find('+') != std::string_view::npos   ? '+'
                                              : std::string_view(header).find('-') != std::string_view::npos ? '-'
                                                                                                             : ' ';
                        const std::string value = (style == '|' ? content.literal : content.folded) + ending(chomping, between);
                        const std::string block = std::string(1, style) + header + "\n" + content.lines + between;
                        const std::string shown = json::serialize(json::string(value));
                        check("v: " + block + follower.text, "{\"v\":" + shown + follower.in_json + "}");
                        check("v: !!str &x " + block + follower.text, "{\"v\":" + shown + follower.in_json + "}");
                    }
}

TEST_CASE("a block scalar in a list keeps its last line breaks") {
    check("l:\n- >+\n  a\n\n\n- b\n", R"({"l":["a\n\n\n","b"]})");
    check("- - >+\n    a\n\n  - b\n", R"([["a\n\n","b"]])");
    check("- >1+\n  a\n\n- b\n", R"([" a\n\n","b"])");
    check("--- >+\n a\n\n...\n", R"("a\n\n")");
    check("v: >+\n\n\nw: x\n", R"({"v":"\n\n","w":"x"})");
    check("v: >+\n  a\n\n", R"({"v":"a\n\n"})");
    check("v: >+\n  a", R"({"v":"a"})");
}
