// SPDX-License-Identifier: Apache-2.0
#include "http/framing/body_reader.hpp"
#include "http/framing/head.hpp"
#include "support/catch.hpp"

#include <string>

using namespace rsf::http;
using Verdict = BodyReader::Verdict;

namespace {

constexpr BodyReader::Bounds bounds{.body = 1000, .trailer = 200, .trailer_fields = 5};

HeadJudge head_with(std::string_view header) {
    HeadJudge head(16384, 100);
    REQUIRE(head.read("POST / HTTP/1.1\r\nHost: x\r\n" + std::string(header) + "\r\n\r\n") == HeadJudge::Verdict::whole);
    return head;
}

BodyReader chunked() { return {head_with("Transfer-Encoding: chunked"), bounds}; }

// What comes of bytes that arrive one by one.
Verdict take_slowly(BodyReader &reader, std::string_view bytes) {
    Verdict verdict = Verdict::more;
    for (std::size_t i = 0; i < bytes.size() && verdict == Verdict::more; ++i) verdict = reader.take(bytes.substr(i, 1));
    return verdict;
}

std::string one_byte_chunks(std::size_t count, const std::string &extension) {
    std::string text;
    for (std::size_t i = 0; i < count; ++i) text += "1" + extension + "\r\na\r\n";
    return text;
}

} // namespace

TEST_CASE("a body is what its framing says, and what follows it is left") {
    struct Row {
        const char *name;
        std::string bytes;
        std::string body;
    };
    const Row rows[] = {
        {"one chunk", "3\r\nabc\r\n0\r\n\r\n", "abc"},
        {"no chunk", "0\r\n\r\n", ""},
        {"two chunks, with line ends in them", "3\r\na\r\n\r\n2\r\n\nb\r\n0\r\n\r\n", "a\r\n\nb"},
        {"a size in capitals with zeros before it", "000A\r\n0123456789\r\n00\r\n\r\n", "0123456789"},
        {"extensions", "1;a\r\nx\r\n1;a=b;c=\"d;\\\" e\"\r\ny\r\n1 ; a = b\r\nz\r\n0;last\r\n\r\n", "xyz"},
        {"a trailer", "1\r\na\r\n0\r\nX-A: b\r\nExpires:\r\nX-B: \xc3\xa9\r\n\r\n", "a"},
        {"a trailer that names a length", "1\r\na\r\n0\r\nContent-Length: 7\r\nTransfer-Encoding: gzip\r\n\r\n", "a"},
        {"as large as it may be", "3e8\r\n" + std::string(1000, 'a') + "\r\n0\r\n\r\n", std::string(1000, 'a')},
        {"as many chunks as there may be", one_byte_chunks(1000, "") + "0\r\n\r\n", std::string(1000, 'a')},
    };
    for (const Row &row : rows) {
        INFO(row.name);
        BodyReader whole = chunked(), slow = chunked();
        REQUIRE(whole.take(row.bytes + "GET ") == Verdict::whole);
        CHECK(whole.used() == row.bytes.size());
        CHECK(whole.body() == row.body);
        REQUIRE(take_slowly(slow, row.bytes) == Verdict::whole);
        CHECK(slow.body() == row.body);
    }
}

TEST_CASE("a body with a length ends there") {
    const HeadJudge head = head_with("Content-Length: 5");
    BodyReader reader(head, bounds);
    CHECK(reader.take("abc") == Verdict::more);
    CHECK(reader.take("deGET /") == Verdict::whole);
    CHECK(reader.used() == 2);
    CHECK(reader.body() == "abcde");
    BodyReader none(head_with("Content-Length: 0"), bounds);
    CHECK(none.take("GET /") == Verdict::whole);
    CHECK(none.used() == 0);
    BodyReader large(head_with("Content-Length: " + std::to_string(bounds.body + 1)), bounds);
    CHECK(large.take({}) == Verdict::bad);
    CHECK(large.fault().status == 413);
}

TEST_CASE("chunks that two readers could read differently are refused at the byte that shows it") {
    struct Row {
        const char *name;
        std::string bytes; // up to that byte
        const char *says;
    };
    const Row rows[] = {
        {"no size", "\r\n", "not a hexadecimal number"},
        {"a size that is no number", "z", "not with its size"},
        {"a size with a sign", "+", "not with its size"},
        {"a size with a space before it", " ", "not with its size"},
        {"a size as 0x3", "0x3\r\n", "no chunk extension"},
        {"a size of 17 digits", "00000000000000003\r\n", "at most 16 digits"},
        {"a size with a space behind it", "3 \r\n", "no chunk extension"},
        {"a size with another behind it", "3 3\r\n", "no chunk extension"},
        {"a bare LF after a size", "3\n", "bare line feed"},
        {"a bare CR after a size", "3\ra", "bare carriage return"},
        {"two CR after a size", "3\r\r", "bare carriage return"},
        {"a chunk that is too long", "3\r\nabcd", "does not end where its size says"},
        {"a bare LF after a chunk", "3\r\nabc\n", "bare line feed"},
        {"a bare CR after a chunk", "3\r\nabc\r0", "bare carriage return"},
        {"a bare LF in the trailer's place", "3\r\nabc\r\n0\r\n\n", "bare line feed"},
        {"a bare CR in the trailer's place", "3\r\nabc\r\n0\r\n\rX", "bare carriage return"},
        {"a bare LF after a trailer field", "0\r\nA: b\n", "bare line feed"},
        {"a trailer line without a colon", "0\r\nabc\r\n", "no colon"},
        {"a trailer line with a space before its colon", "0\r\nA : b\r\n", "before its colon"},
        {"a folded trailer", "0\r\nA: b\r\n c\r\n", "folded"},
        {"a trailer that begins with a space", "0\r\n A: b\r\n", "folded"},
        {"a trailer with a NUL", std::string("0\r\nA: \0", 7), "control character"},
        {"an extension without a name", "3;\r\n", "no chunk extension"},
        {"an extension with two semicolons", "3;;a\r\n", "no chunk extension"},
        {"an extension without a value", "3;a=\r\n", "no chunk extension"},
        {"an extension whose quotes do not close", "3;a=\"b\r\n", "no chunk extension"},
        {"an extension whose quotes end in a backslash", "3;a=\"b\\\r\n", "no chunk extension"},
        {"an extension with more behind its value", "3;a=\"b\"c\r\n", "no chunk extension"},
        {"an extension with a LF in quotes", "3;a=\"\n", "bare line feed"},
        {"an extension with a control character", "3;a=\"\x01", "control character"},
        {"a chunk line without end", "3;" + std::string(BodyReader::longest_chunk_line - 1, 'a'), "longer than 4096 bytes"},
    };
    for (const Row &row : rows) {
        INFO(row.name);
        BodyReader whole = chunked(), slow = chunked();
        REQUIRE(whole.take(row.bytes) == Verdict::bad);
        CHECK(whole.used() == row.bytes.size());
        CHECK(whole.fault().status == 400);
        CHECK_THAT(whole.fault().detail, ContainsSubstring(row.says));
        REQUIRE(take_slowly(slow, row.bytes) == Verdict::bad);
        CHECK(slow.fault().detail == whole.fault().detail);
    }
}

TEST_CASE("what chunks carry beside the body counts as body, and a trailer has its own limits") {
    struct Row {
        const char *name;
        std::string bytes;
        unsigned status;
    };
    std::string fields;
    for (int i = 0; i < 6; ++i) fields += "A: b\r\n";
    const Row rows[] = {
        {"a chunk beyond the limit, at its size", "3e9\r\n", 413},
        {"the largest chunk that can be written", "ffffffffffffffff\r\n", 413},
        {"chunks that are beyond it together", "3e0\r\n" + std::string(992, 'a') + "\r\n9\r\n", 413},
        {"one extension", "1;" + std::string(1000, 'a') + "\r\n", 413},
        {"many small extensions", one_byte_chunks(251, ";ab"), 413},
        {"zeros before sizes", one_byte_chunks(1, "") + "0000000000000001\r\na\r\n0;" + std::string(990, 'a') + "\r\n", 413},
        {"an extension of the last chunk", "0;" + std::string(1001, 'a') + "\r\n", 413},
        {"a long trailer", "0\r\nA: " + std::string(201, 'a'), 431},
        {"a trailer of many fields", "0\r\n" + fields, 431},
    };
    for (const Row &row : rows) {
        INFO(row.name);
        BodyReader reader = chunked();
        REQUIRE(reader.take(row.bytes) == Verdict::bad);
        CHECK(reader.fault().status == row.status);
    }
}
