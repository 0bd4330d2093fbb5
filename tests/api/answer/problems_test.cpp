// SPDX-License-Identifier: Apache-2.0
//
// How errors are told to clients that name a form of answer, and to those that do not.
#include "api/room.hpp"
#include "http/problem.hpp"
#include "support/catch.hpp"

#include <boost/json/parse.hpp>

using namespace rsf::api::test;

namespace {

std::string text_of(Problem problem) {
    Response response = to_response(std::move(problem));
    write_problem(response, ProblemForm::text, "id-1");
    CHECK(response.content_type == "text/plain; charset=UTF-8");
    return response.body;
}

const Headers labelled{{"Content-Type", "application/json"}};

constexpr std::string_view two = "resources:\n"
                                 "- {name: front, type: Service, properties: {kind: Service, metadata: {name: web}}}\n"
                                 "- {name: back, type: Service, properties: {kind: Service, metadata: {name: db}}}\n";

} // namespace

TEST_CASE("as text, a problem is its sentence and a line for each part that says more") {
    struct Row {
        const char *name;
        Problem problem;
        const char *text;
    };
    const Row rows[] = {
        {"a sentence alone", {404, "no-route", "There is nothing.", {}, {}}, "There is nothing.\n"},
        {"two parts", {502, "x", "Two failed.", {{{}, "a: no"}, {{}, "ba: no"}}, {}}, "Two failed.\na: no\nba: no\n"},
        {"a part that the sentence quotes",
         {400, "invalid", "Line 4, column 3: no such key", {{{.line = 4, .column = 3}, "no such key"}}, {}},
         "Line 4, column 3: no such key\n"},
        {"parts with places",
         {400, "invalid", "Two things are wrong", {{{.line = 4, .column = 3}, "one"}, {{.line = 5, .column = 1}, "two"}}, {}},
         "Two things are wrong\nLine 4, column 3: one\nLine 5, column 1: two\n"},
        {"a part of several lines",
         {502, "x", "Failed.", {{{}, "a is invalid:\n* b: no\r\n* c: no\n"}}, {}},
         "Failed.\na is invalid: * b: no * c: no\n"},
        {"control characters and bad UTF-8",
         {502, "x", std::string("a\0b c\x1b[31m red\tand \xFF \xC3\xA9", 23), {{{}, "\x7F"}}, {}},
         "a\\x00b c\\x1B[31m red and \\xFF \xC3\xA9\n\\x7F\n"},
    };
    for (const Row &row : rows) {
        INFO(row.name);
        CHECK(text_of(row.problem) == row.text);
    }
}

TEST_CASE("a request without Accept gets errors as text, any other as a problem in JSON") {
    Room room;
    for (const auto &[accept, type] : {std::pair<const char *, const char *>{nullptr, "text/plain; charset=UTF-8"},
                                       {"*/*", "application/problem+json"},
                                       {"application/json", "application/problem+json"},
                                       {"text/plain", "application/problem+json"},
                                       {"", "application/problem+json"}}) {
        INFO((accept ? accept : "none"));
        Headers headers;
        if (accept) headers.emplace_back("Accept", accept);
        const Response response = room.ask_with("GET", "/nowhere", {}, headers);
        CHECK(response.status == 404);
        CHECK(response.content_type == type);
        CHECK(header(response, "Vary") == "Accept");
    }
}

TEST_CASE("whether a head that was not read to its end has an Accept is seen in its bytes") {
    CHECK(problem_form("GET / HTTP/1.2\r\nHost: x\r\nAccept: */*\r\n\r\n") == ProblemForm::json);
    CHECK(problem_form("GET / HTTP/1.2\r\naccept:\r\n") == ProblemForm::json);
    CHECK(problem_form("GET / HTTP/1.2\r\nAccept-Encoding: gzip\r\n\r\n") == ProblemForm::text);
    CHECK(problem_form("GET /Accept: HTTP/1.1\r\n\r\nAccept: a\r\n") == ProblemForm::text);
    CHECK(problem_form("") == ProblemForm::text);
}

TEST_CASE("the manager is told each reason of a delete on a line of its own, with the object's name") {
    Room room;
    room.fail_all(Code::forbidden, "the cluster says no");
    const Response response = room.ask_with("DELETE", "/configurations", two, labelled);
    CHECK(response.status == 502);
    CHECK(response.content_type == "text/plain; charset=UTF-8");
    CHECK(response.body == "2 of 2 resources could not be deleted. Send the same request again once the cause is fixed.\n"
                           "Service web: the cluster says no\n"
                           "Service db: the cluster says no\n");
}
