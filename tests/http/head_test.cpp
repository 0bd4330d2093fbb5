// SPDX-License-Identifier: Apache-2.0
#include "http/framing/head.hpp"
#include "support/catch.hpp"

#include <string>
#include <vector>

using namespace rsf::http;

namespace {

struct BadHead {
    const char *name;
    std::string bytes;
    unsigned status;
    const char *says;
};

const std::vector<BadHead> &bad_heads() {
    static const std::string h = "Host: x\r\n";
    static const std::string get = "GET / HTTP/1.1\r\n";
    static const std::string post = "POST / HTTP/1.1\r\n";
    using namespace std::string_literals;
    static const std::vector<BadHead> rows{
        {"a bare LF after the first line", "GET / HTTP/1.1\nHost: x\r\n\r\n", 400, "bare line feed"},
        {"a bare LF in the first line's place", "\nGET / HTTP/1.1\r\n", 400, "bare line feed"},
        {"a bare LF after a header", get + "Host: x\n\r\n", 400, "bare line feed"},
        {"a bare CR in the first line", "GET /\r HTTP/1.1\r\n", 400, "bare carriage return"},
        {"a bare CR in a header", get + "X-A: a\rb\r\n", 400, "bare carriage return"},
        {"CR CR LF", "GET / HTTP/1.1\r\r\n", 400, "bare carriage return"},
        {"a NUL in the first line", "GET /\0 HTTP/1.1\r\n"s, 400, "control character"},
        {"a NUL in a header", get + "X-A: a\0b\r\n"s, 400, "control character"},
        {"a DEL in a header", get + "X-A: a\x7f\r\n", 400, "control character"},
        {"a TLS hello", "\x16\x03\x01\x02", 400, "not TLS"},
        {"white space first", " GET / HTTP/1.1\r\n", 400, "begins with white space"},
        {"a tab first", "\tGET / HTTP/1.1\r\n", 400, "begins with white space"},
        {"two empty lines first", "\r\n\r\nGET / HTTP/1.1\r\n", 400, "first line"},
        {"a first line without protocol", "GET / \r\n\r\n", 400, "single spaces"},
        {"HTTP/0.9", "GET /\r\n", 400, "single spaces"},
        {"two spaces before the target", "GET  / HTTP/1.1\r\n", 400, "single spaces"},
        {"a space in the target", "GET /a b HTTP/1.1\r\n", 400, "single spaces"},
        {"a space after the protocol", "GET / HTTP/1.1 \r\n", 400, "single spaces"},
        {"a tab instead of a space", "GET\t/ HTTP/1.1\r\n", 400, "single spaces"},
        {"a method that is not a word", "G(T / HTTP/1.1\r\n", 400, "not a word"},
        {"no method", " / HTTP/1.1\r\n", 400, "white space"},
        {"a protocol in lower case", "GET / http/1.1\r\n", 400, "not HTTP/1.1"},
        {"a protocol with a long version", "GET / HTTP/1.10\r\n", 400, "not HTTP/1.1"},
        {"a protocol with a leading zero", "GET / HTTP/01.1\r\n", 400, "not HTTP/1.1"},
        {"another protocol", "GET / RTSP/1.0\r\n", 400, "not HTTP/1.1"},
        {"HTTP/1.2", "GET / HTTP/1.2\r\n", 505, "use HTTP/1.1"},
        {"HTTP/2.0", "GET / HTTP/2.0\r\n", 505, "use HTTP/1.1"},
        {"HTTP/0.9 written out", "GET / HTTP/0.9\r\n", 505, "use HTTP/1.1"},
        {"the HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505, "use HTTP/1.1"},
        {"CONNECT", "CONNECT x:443 HTTP/1.1\r\n", 400, "not a proxy"},
        {"GET *", "GET * HTTP/1.1\r\n", 400, "neither a path nor an http URL"},
        {"a target without a slash", "GET healthz HTTP/1.1\r\n", 400, "neither a path nor an http URL"},
        {"a target of another scheme", "GET ftp://x/ HTTP/1.1\r\n", 400, "neither a path nor an http URL"},
        {"a scheme alone", "GET http HTTP/1.1\r\n", 400, "neither a path nor an http URL"},
        {"a scheme alone in capitals", "GET HTTPS HTTP/1.1\r\n", 400, "neither a path nor an http URL"},
        {"a scheme and a colon", "GET http: HTTP/1.1\r\n", 400, "neither a path nor an http URL"},
        {"a scheme with one slash", "GET http:/x HTTP/1.1\r\n", 400, "neither a path nor an http URL"},
        {"a URL without a scheme", "GET ://x/ HTTP/1.1\r\n", 400, "neither a path nor an http URL"},
        {"a host and a port", "GET x:80 HTTP/1.1\r\n", 400, "neither a path nor an http URL"},
        {"a query alone", "GET ?a HTTP/1.1\r\n", 400, "neither a path nor an http URL"},
        {"a star and more", "OPTIONS *a HTTP/1.1\r\n", 400, "neither a path nor an http URL"},
        {"an absolute target that ends after its scheme", "GET http:// HTTP/1.1\r\n", 400, "names no host"},
        {"an absolute target without a host", "GET http:///x HTTP/1.1\r\n", 400, "names no host"},
        {"an absolute target with a query for a host", "GET http://?x HTTP/1.1\r\n", 400, "names no host"},
        {"an absolute target with a port for a host", "GET http://:80/ HTTP/1.1\r\n" + h + "\r\n", 400,
         "the Host header another"},
        {"an absolute target with an open bracket", "GET http://[/ HTTP/1.1\r\n" + h + "\r\n", 400, "the Host header another"},
        {"a fragment", "GET /a#b HTTP/1.1\r\n", 400, "'#'"},
        {"a target that is not ASCII", "GET /\xc3\xa9 HTTP/1.1\r\n", 400, "not ASCII"},
        {"an absolute target that is not Host", "GET http://y/ HTTP/1.1\r\n" + h + "\r\n", 400, "the Host header another"},
        {"an absolute target with userinfo", "GET http://u@x/ HTTP/1.1\r\n" + h + "\r\n", 400, "the Host header another"},
        {"an absolute target without Host, HTTP/1.0", "GET http://y/ HTTP/1.0\r\n\r\n", 400, "the Host header another"},
        {"no Host", get + "\r\n", 400, "no Host"},
        {"two Hosts", get + h + h, 400, "two Host"},
        {"two Hosts in HTTP/1.0", "GET / HTTP/1.0\r\n" + h + h, 400, "two Host"},
        {"an empty Host", get + "Host:\r\n", 400, "not a host"},
        {"a Host with userinfo", get + "Host: a@x\r\n", 400, "not a host"},
        {"a Host with a path", get + "Host: x/y\r\n", 400, "not a host"},
        {"a Host with a comma", get + "Host: x,y\r\n", 400, "not a host"},
        {"a Host with a space", get + "Host: x y\r\n", 400, "not a host"},
        {"a Host with a port that is no number", get + "Host: x:http\r\n", 400, "not a host"},
        {"a Host with an open bracket", get + "Host: [::1\r\n", 400, "not a host"},
        {"a Host that is not ASCII", get + "Host: \xc3\xa9\r\n", 400, "not a host"},
        {"a folded header", get + h + "X-A: a\r\n b\r\n", 400, "folded"},
        {"a folded header with a tab", get + h + "X-A: a\r\n\tb\r\n", 400, "folded"},
        {"white space before the first header", get + " Host: x\r\n", 400, "folded"},
        {"white space before a colon", get + "Host : x\r\n", 400, "before its colon"},
        {"a tab before a colon", get + "Content-Length\t: 5\r\n", 400, "before its colon"},
        {"a header without a colon", get + "Host\r\n", 400, "no colon"},
        {"a header without a name", get + ": x\r\n", 400, "not a word"},
        {"a header name with a space", get + "Ho st: x\r\n", 400, "not a word"},
        {"a header name that is not ASCII", get + "X-\xc3\xa9: x\r\n", 400, "not a word"},
        {"two lengths that differ", post + "Content-Length: 5\r\nContent-Length: 6\r\n", 400, "two Content-Length"},
        {"two lengths that agree", post + "Content-Length: 5\r\nContent-Length: 5\r\n", 400, "two Content-Length"},
        {"two lengths in one header", post + "Content-Length: 5, 5\r\n", 400, "not one whole number"},
        {"a length with a sign", post + "Content-Length: +5\r\n", 400, "not one whole number"},
        {"a negative length", post + "Content-Length: -5\r\n", 400, "not one whole number"},
        {"a length in hexadecimal", post + "Content-Length: 0x5\r\n", 400, "not one whole number"},
        {"an empty length", post + "Content-Length:\r\n", 400, "not one whole number"},
        {"a length with a space in it", post + "Content-Length: 5 5\r\n", 400, "not one whole number"},
        {"a length with chunked", post + h + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", 400, "both"},
        {"chunked with a length", post + h + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n", 400, "both"},
        {"chunked in HTTP/1.0", "POST / HTTP/1.0\r\n" + h + "Transfer-Encoding: chunked\r\n\r\n", 400, "HTTP/1.0"},
        {"identity", post + "Transfer-Encoding: identity\r\n", 400, "not exactly 'chunked'"},
        {"almost chunked", post + "Transfer-Encoding: xchunked\r\n", 400, "not exactly 'chunked'"},
        {"chunked with a vertical tab",
         post + "Transfer-Encoding: \x0b"
                "chunked\r\n",
         400, "control character"},
        {"chunked with a parameter", post + "Transfer-Encoding: chunked;a=b\r\n", 400, "not exactly 'chunked'"},
        {"chunked that is not last", post + "Transfer-Encoding: chunked, gzip\r\n", 400, "not exactly 'chunked'"},
        {"chunked twice in one header", post + "Transfer-Encoding: chunked, chunked\r\n", 400, "not exactly 'chunked'"},
        {"chunked twice", post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", 400, "two Transfer-Encoding"},
        {"gzip under chunked", post + "Transfer-Encoding: gzip, chunked\r\n", 501, "use chunked alone"},
        {"an empty coding before chunked", post + "Transfer-Encoding: , chunked\r\n", 400, "not exactly 'chunked'"},
        {"an empty coding after chunked", post + "Transfer-Encoding: chunked,\r\n", 400, "not exactly 'chunked'"},
        {"an empty coding between two", post + "Transfer-Encoding: gzip,, chunked\r\n", 400, "not exactly 'chunked'"},
        {"a comma for a coding", post + "Transfer-Encoding: ,\r\n", 400, "not exactly 'chunked'"},
        {"chunked twice after gzip", post + "Transfer-Encoding: gzip, chunked, chunked\r\n", 400, "not exactly 'chunked'"},
        {"an empty transfer encoding", post + "Transfer-Encoding:\r\n", 400, "not exactly 'chunked'"},
        {"a first line without end", "GET /" + std::string(9000, 'a'), 414, "first line"},
        {"a first line that is too long", "GET /" + std::string(9000, 'a') + " HTTP/1.1\r\n", 414, "first line"},
        {"one huge header", get + "X-A: " + std::string(20000, 'a'), 431, "longer than"},
        {"a huge head of whole lines", get + "X-A: " + std::string(16000, 'a') + "\r\nX-B: " + std::string(500, 'b'), 431,
         "longer than"},
    };
    return rows;
}

HeadJudge::Verdict judge(HeadJudge &judge, std::string_view bytes) { return judge.read(bytes); }

} // namespace

TEST_CASE("what two readers of a head could read differently is refused with a sentence") {
    for (const BadHead &row : bad_heads()) {
        INFO(row.name);
        HeadJudge whole(16384, 100);
        REQUIRE(judge(whole, row.bytes) == HeadJudge::Verdict::bad);
        CHECK(whole.fault().status == row.status);
        CHECK_THAT(whole.fault().detail, ContainsSubstring(row.says));

        // Byte by byte it is refused the same way.
        HeadJudge slow(16384, 100);
        auto verdict = HeadJudge::Verdict::more;
        for (std::size_t size = 1; size <= row.bytes.size() && verdict == HeadJudge::Verdict::more; ++size)
            verdict = slow.read(std::string_view(row.bytes).substr(0, size));
        REQUIRE(verdict == HeadJudge::Verdict::bad);
        CHECK(slow.fault().detail == whole.fault().detail);
    }
}

// Whatever is not taken here is refused; an exception would be neither.
TEST_CASE("no line that is cut short, or with a byte changed, makes the reading of a head throw") {
    const std::string heads[] = {
        "GET http://x:80/a?b HTTP/1.1\r\nHost: x:80\r\n\r\n",
        "OPTIONS * HTTP/1.1\r\nHost: [::1]:80\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n",
    };
    const std::string bytes = " \t\r\n:/?#*,;[]@\"\\0aA\x01\x7f\x80\xff";
    std::size_t judged = 0;
    const auto look = [&judged](const std::string &text) {
        HeadJudge judge(16384, 100);
        judge.read(text);
        ++judged;
    };
    for (const std::string &head : heads) {
        for (std::size_t at = 0; at < head.size(); ++at) {
            for (std::size_t length = 1; at + length <= head.size(); ++length) look(std::string(head).erase(at, length));
            for (const char byte : bytes) {
                std::string changed = head;
                changed[at] = byte;
                look(changed);
                look(std::string(head).insert(at, 1, byte));
            }
        }
    }
    CHECK(judged > 5000);
}

TEST_CASE("too many headers are counted, however short they are") {
    std::string head = "GET / HTTP/1.1\r\nHost: x\r\n";
    for (int i = 0; i < 100; ++i) head += "A:\r\n";
    HeadJudge judge(16384, 100);
    REQUIRE(judge.read(head + "\r\n") == HeadJudge::Verdict::bad);
    CHECK(judge.fault().status == 431);
    CHECK_THAT(judge.fault().detail, ContainsSubstring("more than 100 headers"));
}

TEST_CASE("good heads are taken as they are meant") {
    struct Row {
        const char *name;
        std::string bytes;
        const char *method;
        const char *target;
    };
    const Row rows[] = {
        {"the plainest", "GET / HTTP/1.1\r\nHost: x\r\n\r\n", "GET", "/"},
        {"HTTP/1.0 without Host", "GET /a HTTP/1.0\r\n\r\n", "GET", "/a"},
        {"an empty line first", "\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n", "GET", "/"},
        {"a Host with a port", "GET / HTTP/1.1\r\nHost: a.example:8080\r\n\r\n", "GET", "/"},
        {"a Host that is an IPv6 address", "GET / HTTP/1.1\r\nHost: [::1]:8080\r\n\r\n", "GET", "/"},
        {"an absolute target", "GET http://X:80/a?b HTTP/1.1\r\nHost: x:80\r\n\r\n", "GET", "/a?b"},
        {"an absolute target without a path", "GET http://x?b HTTP/1.1\r\nHost: x\r\n\r\n", "GET", "/?b"},
        {"OPTIONS *", "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", "OPTIONS", "*"},
        {"a value that is not ASCII", "GET / HTTP/1.1\r\nHost: x\r\nX-A: \xc3\xa9\r\n\r\n", "GET", "/"},
        {"no space after the colon", "GET / HTTP/1.1\r\nHost:x\r\nA:\t b \r\n\r\n", "GET", "/"},
    };
    for (const Row &row : rows) {
        INFO(row.name);
        HeadJudge judge(16384, 100);
        REQUIRE(judge.read(row.bytes + "tail") == HeadJudge::Verdict::whole);
        CHECK(judge.method() == row.method);
        CHECK(judge.target() == row.target);
        CHECK(judge.end() == row.bytes.size());
    }
}

TEST_CASE("a length that fits no number is the largest one") {
    HeadJudge judge(16384, 100);
    REQUIRE(judge.read("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999999\r\n\r\n") ==
            HeadJudge::Verdict::whole);
    CHECK(judge.content_length() == UINT64_MAX);
}
