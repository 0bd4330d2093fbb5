// SPDX-License-Identifier: Apache-2.0
#include "api/request/negotiation.hpp"
#include "http/framing/answer_head.hpp"
#include "http/problem.hpp"
#include "http/syntax.hpp"
#include "support/catch.hpp"

#include <string>

using namespace rsf::api;
using namespace rsf::http;

TEST_CASE("the form of the answer follows Accept, and is YAML where Accept does not say") {
    struct Row {
        const char *accept;
        const char *label;
    };
    const Row rows[] = {
        {"", "application/x-yaml; charset=UTF-8"},
        {"*/*", "application/x-yaml; charset=UTF-8"},
        {"application/*", "application/x-yaml; charset=UTF-8"},
        {"application/json", "application/json"},
        {"APPLICATION/JSON", "application/json"},
        {"application/yaml", "application/yaml"},
        {"text/yaml", "text/yaml; charset=UTF-8"},
        {"text/*", "text/yaml; charset=UTF-8"},
        {"application/vnd.yaml", "application/vnd.yaml"},
        {"application/json, text/plain, */*", "application/json"},
        {"application/json;q=0.5, application/x-yaml", "application/x-yaml; charset=UTF-8"},
        {"application/x-yaml;q=0.5, application/json;q=0.8", "application/json"},
        {"application/json, application/yaml", "application/json"},
        {"application/yaml, application/json", "application/yaml"},
        {"application/json;q=0, */*", "application/x-yaml; charset=UTF-8"},
        {"application/x-yaml;q=0, application/json;q=0.1", "application/json"},
        {"application/*;q=0.2, application/x-yaml;q=0.1", "application/json"},
        {"text/html,application/xhtml+xml,*/*;q=0.8", "application/x-yaml; charset=UTF-8"},
        {"application/json; charset=utf-8; q=0.9, text/html", "application/json"},
        {"nonsense, ,;q=1", "application/x-yaml; charset=UTF-8"},
        {"application/json;q=nonsense, application/yaml;q=0.1", "application/yaml"},
    };
    for (const Row &row : rows) {
        INFO(row.accept);
        CHECK(choose_format({{"Accept", row.accept}}).value().label == row.label);
    }
    CHECK(choose_format({}).value().label == "application/x-yaml; charset=UTF-8");
    CHECK(choose_format({{"Accept", "text/html"}, {"accept", "application/json"}}).value().form == Form::json);
}

TEST_CASE("an Accept that allows nothing is refused before anything is done") {
    for (const char *accept : {"text/html", "image/*, text/html;q=0.5", "*/*;q=0", "application/json;q=0"}) {
        INFO(accept);
        const Problem problem = choose_format({{"Accept", accept}}).error();
        CHECK(problem.status == 406);
        CHECK_THAT(problem.detail, ContainsSubstring("application/x-yaml"));
    }
}

TEST_CASE("a body may carry any of the labels that YAML and JSON go by, and none only where there is no body") {
    for (const char *label :
         {"application/json", "application/yaml", "application/x-yaml", "text/yaml", "application/vnd.yaml", "Application/JSON",
          "application/json; charset=utf-8", "text/yaml;charset=\"UTF-8\"", "application/json; version=1"}) {
        INFO(label);
        CHECK_FALSE(check_body_label({{"Content-Type", label}}, true));
    }
    CHECK_FALSE(check_body_label({}, false));
    CHECK(check_body_label({}, true)->status == 415);
}

TEST_CASE("other labels are refused, and the good ones listed") {
    struct Row {
        Headers headers;
        const char *says;
    };
    const Row rows[] = {
        {{{"Content-Type", "application/x-www-form-urlencoded"}}, "curl: -H 'Content-Type: application/yaml'"},
        {{{"Content-Type", "text/plain"}}, "application/vnd.yaml"},
        {{{"Content-Type", "application/jsonx"}}, "application/vnd.yaml"},
        {{{"Content-Type", "json"}}, "application/vnd.yaml"},
        {{{"Content-Type", "application/json; charset=latin1"}}, "send UTF-8"},
        {{{"Content-Type", "application/json; charset=utf-16"}}, "send UTF-8"},
        {{{"Content-Type", "text/yaml"}, {"content-type", "text/yaml"}}, "two Content-Type"},
        {{{"Content-Type", ""}}, "no Content-Type"},
        {{{"Content-Type", "\"\\"}}, "application/vnd.yaml"},
        {{{"Content-Type", "application/json; charset=\"\\"}}, "send UTF-8"},
        {{{"Content-Encoding", "gzip"}}, "send the body as it is"},
    };
    for (const Row &row : rows) {
        INFO(row.headers[0].second);
        const auto problem = check_body_label(row.headers, true);
        REQUIRE(problem);
        CHECK(problem->status == 415);
        CHECK_THAT(problem->detail, ContainsSubstring(row.says));
        CHECK(problem->headers.at(0).first == "Accept");
    }
}

TEST_CASE("values that end within quotes, or are nothing but marks, are read like any other") {
    for (const char *value :
         {"\"\\", "\"", "\\", ",", ";", ",;", "a;\"\\", "a,\"\\", "\"\\,", "=", ";q", ";q=\"\\", "q=;", " "}) {
        INFO(value);
        CHECK(choose_format({{"Accept", value}}).has_error() == !choose_format({{"Accept", value}}).has_value());
        CHECK_FALSE(prefers_strict({{"Prefer", value}}));
        CHECK(check_body_label({{"Content-Type", value}}, true));
    }
    CHECK(split_list("") == std::vector<std::string_view>{""});
    CHECK(split_list("a, \"b,\\\",c\" ,d,") == std::vector<std::string_view>{"a", "\"b,\\\",c\"", "d", ""});
    CHECK(split_list("a,\"\\") == std::vector<std::string_view>{"a", "\"\\"});
}

TEST_CASE("only handling=strict asks for strict handling") {
    CHECK(prefers_strict({{"Prefer", "handling=strict"}}));
    CHECK(prefers_strict({{"Prefer", "respond-async, wait=10, Handling=\"strict\"; a=b"}}));
    CHECK(prefers_strict({{"Prefer", "respond-async"}, {"Prefer", "handling=strict"}}));
    CHECK_FALSE(prefers_strict({{"Prefer", "handling=lenient"}}));
    CHECK_FALSE(prefers_strict({{"Prefer", "handling=lenient, handling=strict"}})); // the first one counts (RFC 7240, 2)
    CHECK_FALSE(prefers_strict({{"Prefer", "strict"}}));
    CHECK_FALSE(prefers_strict({}));
}

TEST_CASE("a request's id is taken where logs can carry it") {
    CHECK(given_request_id({{"x-request-id", "a-1:b"}}) == "a-1:b");
    CHECK(given_request_id({{"X-Request-Id", std::string(128, 'a')}}) == std::string(128, 'a'));
    CHECK_FALSE(given_request_id({{"X-Request-Id", std::string(129, 'a')}}));
    CHECK_FALSE(given_request_id({{"X-Request-Id", "a b"}}));
    CHECK_FALSE(given_request_id({{"X-Request-Id", "a\xc3\xa9"}}));
    CHECK_FALSE(given_request_id({{"X-Request-Id", ""}}));
    CHECK_FALSE(given_request_id({{"X-Request-Id", "a"}, {"X-Request-Id", "b"}}));
    CHECK_FALSE(given_request_id({}));
    CHECK(make_request_id().size() == 32);
    CHECK(make_request_id() != make_request_id());
}

TEST_CASE("the head of an answer can't be broken by a value in it") {
    Response response{200, "text/plain", "body", {{"X-A", "a\r\nSet-Cookie: b"}}};
    const std::string head = head_text(response, "id", true, false);
    CHECK_THAT(head, ContainsSubstring("X-A: a  Set-Cookie: b\r\n"));
    CHECK_THAT(head, ContainsSubstring("Content-Length: 4\r\n"));
    CHECK_THAT(head, ContainsSubstring("Connection: close\r\n"));
    CHECK_THAT(head, ContainsSubstring(" GMT\r\n"));
    CHECK_THAT(head, StartsWith("HTTP/1.1 200 OK\r\nServer: resourcifierd/"));
}
