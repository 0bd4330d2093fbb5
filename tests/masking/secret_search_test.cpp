// SPDX-License-Identifier: Apache-2.0
//
// Ways in which a value is copied, and what only looks like a copy.
#include "support/catch.hpp"

#include "masking/base64.hpp"
#include "masking/secret_search.hpp"

#include <string>

using namespace rsf::masking;
namespace json = boost::json;

namespace {

const std::string password = "S3cret/pass word+1\xc3\xa9\"x";
const std::string pem = "-----BEGIN KEY-----\nMIIEvQIBADANBgkq\nhkiG9w0BAQEFAASC\n-----END KEY-----\n";

SecretSearch search() {
    SecretSearch search;
    search.add(password, "<1>");
    search.add(pem, "<2>");
    search.add("hunter2", "<3>");
    search.add("production", "<4>");
    search.add("1.27.0-alpine\n", "<5>");
    search.add("it's Xq9zTop", "<8>");
    search.add("Hunter2\x1b\a\v\b\fXq9zTop\x7f", "<6>");
    search.add("Hunter2\u200b\U0001f600\U000e0001Xq9zTop", "<7>");
    return search;
}

std::string indented(const std::string &text, const std::string &by) {
    std::string result = by;
    for (const char c : text) {
        result += c;
        if (c == '\n') result += by;
    }
    return result;
}

std::string percent_encoded(const std::string &text, const std::string &plain = {}, const char *space = "%20") {
    std::string result;
    for (const char c : text) {
        if (std::isalnum(static_cast<unsigned char>(c)) || plain.find(c) != std::string::npos) {
            result += c;
        } else if (c == ' ') {
            result += space;
        } else {
            constexpr const char *digits = "0123456789abcdef";
            (result += '%') += digits[static_cast<unsigned char>(c) >> 4U];
            result += digits[static_cast<unsigned char>(c) & 15U];
        }
    }
    return result;
}

std::string hex(const std::string &text) {
    std::string result;
    for (const char c : text) {
        constexpr const char *digits = "0123456789abcdef";
        result += digits[static_cast<unsigned char>(c) >> 4U];
        result += digits[static_cast<unsigned char>(c) & 15U];
    }
    return result;
}

std::string quoted(const std::string &text) { return json::serialize(json::string(text)); }

std::string for_urls(std::string base64) {
    for (char &c : base64) c = c == '+' ? '-' : c == '/' ? '_' : c;
    while (!base64.empty() && base64.back() == '=') base64.pop_back();
    return base64;
}

std::string folded(const std::string &text, std::size_t width) {
    std::string result;
    for (std::size_t i = 0; i < text.size(); i += width) result += "    " + text.substr(i, width) + "\n";
    return result;
}

} // namespace

TEST_CASE("a value is found however it was copied") {
    const std::string login = encode_base64("admin:" + password);
    const std::string docker = R"({"auths":{"registry.example.com":{"username":"admin","auth":")" + login + "\"}}}";
    struct Row {
        const char *way;
        std::string text, result;
    };
    const Row rows[] = {
        {"as it is", password, "<1>"},
        {"within a text", "a=" + password + ";b", "a=<1>;b"},
        {"twice", password + password, "<1><1>"},
        {"with a line end", password + "\n", "<1>\n"},
        {"indented", "key: |\n" + indented(pem, "    "), "key: |\n    <2>\n    "},
        {"with other line ends", "-----BEGIN KEY-----\r\nMIIEvQIBADANBgkq\r\nhkiG9w0BAQEFAASC\r\n-----END KEY-----", "<2>"},
        {"without its line end", pem.substr(0, pem.size() - 1), "<2>"},
        {"as JSON", R"({"p": )" + quoted(password) + "}", R"({"p": "<1>"})"},
        {"lines as JSON", R"({"p": )" + quoted(pem) + "}", R"({"p": "<2>\n"})"},
        {"JSON within JSON", quoted(R"({"p": )" + quoted(password) + "}"), R"("{\"p\": \"<1>\"}")"},
        {"with escapes that JSON need not have", R"(S3cret\/pass word+1\u00e9\"x)", "<1>"},
        {"bytes as Go quotes them", R"("S3cret/pass word+1\xc3\xa9\"x")", R"("<1>")"},
        {"controls as Go quotes them", R"(value "Hunter2\x1b\a\v\b\fXq9zTop\x7f" of)", R"(value "<6>" of)"},
        {"characters as Go quotes them", R"(x Hunter2\u200b\U0001f600\U000e0001Xq9zTop)", "x <7>"},
        {"in XML", "<p>S3cret/pass word+1\xc3\xa9&quot;x</p>", "<p><1></p>"},
        {"in XML by numbers", "<p>S3cret&#47;pass word&#x2B;1&#xe9;&#34;x</p>", "<p><1></p>"},
        {"quotes doubled, as YAML and SQL have them", "VALUES ('it''s Xq9zTop')", "VALUES ('<8>')"},
        {"quotes doubled, as CSV has them", "\"S3cret/pass word+1\xc3\xa9\"\"x\",2", "\"<1>\",2"},
        {"as hexadecimal digits", "x'" + hex(password) + "'", "x'<1>'"},
        {"among other hexadecimal digits", "0a1" + hex(password) + "f", "<1>"},
        {"in a URL", "redis://:" + percent_encoded(password) + "@db:6379/0", "redis://:<1>@db:6379/0"},
        {"in a URL, as little as must be", "x?p=" + percent_encoded(password, "/+") + "&b", "x?p=<1>&b"},
        {"in a form", "p=" + percent_encoded(password, {}, "+"), "p=<1>"},
        {"as base64", encode_base64(password), "<1>"},
        {"as base64, with a line end in it", "x: " + encode_base64(password + "\n"), "x: <1>"},
        {"as base64 for URLs", for_urls(encode_base64(password)), "<1>"},
        {"as base64 in lines", folded(encode_base64("some: " + pem + pem), 64), "    <2>\n"},
        {"base64 of user:password", "Authorization: Basic " + login, "Authorization: Basic <1>"},
        {"base64 of something longer", encode_base64("ab" + password + "cd") + ".", "<1>."},
        {"base64 of base64", encode_base64("x " + encode_base64(password)), "<1>"},
        {"dockerconfigjson", docker, R"({"auths":{"registry.example.com":{"username":"admin","auth":"<1>"}}})"},
        {"dockerconfigjson as base64", encode_base64(docker), "<1>"},
        {"base64 of JSON", encode_base64(R"({"p": )" + quoted(password) + "}"), "<1>"},
        {"base64 in a URL", "x?a=" + percent_encoded(login), "x?a=<1>%3d%3d"},
    };
    const SecretSearch all = search();
    for (const Row &row : rows) {
        INFO(row.way << "\n" << row.text);
        CHECK(all.masked_text(row.text) == row.result);
    }
}

TEST_CASE("what only looks like a copy stays") {
    struct Row {
        const char *what, *text;
    };
    const Row rows[] = {
        {"nothing", ""},
        {"a short value within a text", "redis://hunter2@db"},
        {"a short value in a sentence", "it is not hunter2"},
        {"a plain word in an image", "registry.example.com/production/nginx:1.27.0"},
        {"a plain word in capitals", "see PRODUCTION first"},
        {"the beginning of a value", "S3cret/pass word"},
        {"the beginning of a value, cut off", "Invalid value: \"S3cret/pass word...: too long"},
        {"another image tag", "nginx:1.27.1-alpine"},
        {"lines of a key that are in every key", "-----BEGIN KEY-----\nMIIEvQIBADANBgkr\n-----END KEY-----\n"},
        {"percent signs", "100%, 5%zz %"},
        {"ampersands", "a & b &amp; &nosuch; &#; &#x; &#xzz; &#1114112; &"},
        {"quotes", "'' \"\" it''s"},
        {"digests", "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {"backslashes", "C:\\users\\new \\u12 \\x1 \\xyz \\U12345678 \\U0011"},
        {"base64 of something else", "aGVsbG8sIHdvcmxkLCBob3cgYXJlIHlvdT8="},
        {"UTF-8", "\xc3\xa9t\xc3\xa9"},
    };
    const SecretSearch all = search();
    for (const Row &row : rows) {
        INFO(row.what);
        CHECK(all.masked_text(row.text) == row.text);
    }
    CHECK(SecretSearch().masked_value("x") == "x");
}

TEST_CASE("short values and plain words are found where they are all of a string") {
    struct Row {
        const char *text, *result;
    };
    const SecretSearch all = search();
    for (const Row &row : {Row{"hunter2", "<3>"},
                           {"hunter2\n", "<3>"},
                           {"  hunter2", "<3>"},
                           {"aHVudGVyMg==", "<3>"},
                           {"%68unter2", "<3>"},
                           {"production", "<4>"},
                           {"Production", "Production"}, // other bytes
                           {"production ", "<4>"},
                           {"a hunter2", "a hunter2"},
                           {"1.27.0-alpine", "<5>"},
                           {"nginx:1.27.0-alpine", "nginx:<5>"}}) {
        INFO(row.text);
        CHECK(all.masked_value(row.text) == row.result);
    }
    CHECK(all.masked_text("data.x: Invalid value: \"hunter2\": must be a number; \"hunter2\"") ==
          "data.x: Invalid value: \"<3>\": must be a number; \"hunter2\"");
    CHECK(all.masked_text("Invalid value: \"hunter2") == "Invalid value: \"hunter2");
    CHECK(all.masked_text("Invalid value: \"\\u0068unter2\": x") == "Invalid value: \"<3>\": x");
}

TEST_CASE("strings, numbers and keys are masked, and all else stays") {
    SecretSearch all = search();
    all.add("918273645", "<6>");
    all.add("12345", "<7>");
    json::value value =
        json::parse(R"({"918273645": [1, "918273645", {"x-918273645": 918273645}], "n": [12345, 918273646, true, null, 1.5],
        "hunter2": "12345", "x-918273645": "y"})");
    all.mask(value);
    CHECK(value == json::parse(R"({"<6>": [1, "<6>", {"x-<6>": "<6>"}], "n": [12345, 918273646, true, null, 1.5],
        "hunter2": "<7>", "x-<6>": "y"})"));
    json::object alike{{"k918273645", 1}, {"k%3918273645", 2}, {"k<6>", 3}};
    all.mask_keys(alike);
    CHECK(alike.size() == 3);
    CHECK(json::serialize(alike).find("918273645") == std::string::npos);
}

TEST_CASE("long values that begin alike are told apart, and a part of one is none") {
    SecretSearch all;
    const std::string head(5000, 'a');
    for (const char *end : {"one", "two", ""}) all.add(head + end, std::string("<") + end + ">");
    for (const char *end : {"one", "two", ""}) CHECK(all.masked_text("(" + head + end + ")") == std::string("(<") + end + ">)");
    CHECK(all.masked_text(head.substr(0, 2000)) == head.substr(0, 2000));
    all.add(head.substr(0, 1024), "<head>");
    CHECK(all.masked_text(head.substr(0, 1030)) == "<head>aaaaaa");
    CHECK(all.masked_text(head + "one") == "<one>");
}

TEST_CASE("of values that hold each other the longest is found") {
    SecretSearch all;
    for (const char *text : {"hunter2-and", "hunter2-and-more", "and-more-of-it"}) all.add(text, std::string("<") + text + ">");
    CHECK(all.masked_text("xhunter2-and-more-of-it") == "x<hunter2-and-more>-of-it");
    CHECK(all.masked_text("xhunter2-and-mor") == "x<hunter2-and>-mor");
}

TEST_CASE("many secrets in much text are all found") {
    SecretSearch all;
    for (int i = 0; i < 5000; ++i) all.add("https://user:pass" + std::to_string(i) + "@example.com/", "<>");
    all.add(std::string(4000, 'a') + "b", "<>");
    std::string text;
    for (int i = 0; i < 20000; ++i) text += "https://user:pass" + std::to_string(i) + "@example.com/ ";
    text += std::string(200000, 'a');
    const std::string result = all.masked_text(text);
    CHECK(result.find("pass4999@") == std::string::npos);
    CHECK(result.find("pass5000@") != std::string::npos);
}
