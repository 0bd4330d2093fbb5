// SPDX-License-Identifier: Apache-2.0
//
// The errors are captured: kubectl 1.20.2 and 1.33 given three files, against an API server 1.20.2.
#include "support/catch.hpp"

#include "kubectl/transports/exec/kubectl_output.hpp"

namespace {

using namespace rsf;
using namespace rsf::kubectl;
using namespace rsf::kubectl::transports;

const std::vector<std::string> files{"/proc/self/fd/3", "/proc/self/fd/4", "/proc/self/fd/5"};

std::vector<std::string> texts(std::string_view output) {
    std::vector<std::string> result;
    const OutputObjects parsed = read_objects(output);
    for (const LiveObject &each : parsed.objects) {
        CHECK(json::parse(each.text) == json::value(each.object));
        result.push_back(each.text);
    }
    return result;
}

using Pieces = std::vector<std::string>;

} // namespace

TEST_CASE("objects are read one after another, and out of lists") {
    CHECK(texts("").empty());
    CHECK(texts(" \n").empty());
    CHECK(texts("{\"a\": 1}\n") == Pieces{"{\"a\": 1}"});
    CHECK(texts("{\n \"a\": 1\n}\n{\"b\": \"}{\"}{}") == Pieces{"{\n \"a\": 1\n}", "{\"b\": \"}{\"}", "{}"});
    CHECK(texts(R"({"kind": "List", "items": [{"a": 1}, {"b": 2}]} {"c": 3})") ==
          Pieces{R"({"a":1})", R"({"b":2})", R"({"c": 3})"});
    CHECK(texts(R"({"kind": "List", "items": []})").empty());
    CHECK(texts(R"({"kind": "Menu", "items": []})").size() == 1);
    for (const char *whole : {"", "{}", "{}{}\n"}) CHECK(read_objects(whole).complete);
}

TEST_CASE("what follows the last whole object is not complete") {
    for (const char *rest : {"{\"a\": ", "x", "[]", "7", "\"{}\"", "{\"a\":}"}) {
        INFO(rest);
        const OutputObjects parsed = read_objects(std::string("{\"b\": 1}\n") + rest);
        CHECK(parsed.objects.size() == 1);
        CHECK_FALSE(parsed.complete);
    }
    const std::string deep = std::string(600, '[') + std::string(600, ']');
    CHECK_FALSE(read_objects("{\"a\": " + deep + "}").complete);
}

TEST_CASE("each error goes to the file that it names, as if that were the only one") {
    const OutputErrors parsed = read_errors(
        "Error from server (AlreadyExists): error when creating \"/proc/self/fd/5\": configmaps \"b\" already exists\n"
        "error validating \"/proc/self/fd/3\": error validating data: unknown field \"dta\"",
        files);
    CHECK(parsed.of_file ==
          Pieces{"error validating \"STDIN\": error validating data: unknown field \"dta\"", "",
                 "Error from server (AlreadyExists): error when creating \"STDIN\": configmaps \"b\" already exists"});
    CHECK(parsed.others.empty());
}

TEST_CASE("a line that begins no error continues the error before it") {
    const OutputErrors parsed =
        read_errors("error: resource mapping not found for name: \"w\" namespace: \"\" from \"/proc/self/fd/4\": no matches for "
                    "kind \"Widget\" in "
                    "version \"example.org/v1\"\nensure CRDs are installed first\n"
                    "The Deployment \"d\" is invalid: \n* spec.a: Required value\n* spec.b: Required value",
                    files);
    CHECK(parsed.of_file[1] ==
          "error: resource mapping not found for name: \"w\" namespace: \"\" from \"STDIN\": no matches for kind "
          "\"Widget\" in version \"example.org/v1\"\nensure CRDs are installed first");
    CHECK(parsed.others == "The Deployment \"d\" is invalid: \n* spec.a: Required value\n* spec.b: Required value");
}

TEST_CASE("errors that kubectl found by itself come as one line, and part of it may be lines again") {
    const OutputErrors parsed = read_errors(
        "Error from server (NotFound): error when creating \"/proc/self/fd/4\": namespaces \"n\" not found\n"
        "[resource mapping not found for name: \"x\" namespace: \"\" from \"/proc/self/fd/5\": no matches for kind \"W\" in "
        "version \"e/v1\"\nensure CRDs are installed first, error validating \"/proc/self/fd/3\": error validating data: "
        "[ValidationError(A): a, b, ValidationError(A): c]]",
        files);
    CHECK(
        parsed.of_file ==
        Pieces{"error validating \"STDIN\": error validating data: [ValidationError(A): a, b, ValidationError(A): c]",
               "Error from server (NotFound): error when creating \"STDIN\": namespaces \"n\" not found",
               "resource mapping not found for name: \"x\" namespace: \"\" from \"STDIN\": no matches for kind \"W\" in version "
               "\"e/v1\"\nensure CRDs are installed first"});
    CHECK(parsed.others.empty());
    CHECK(read_errors("[unable to recognize \"/proc/self/fd/3\": no, unable to recognize \"/proc/self/fd/5\": no]", files)
              .of_file == Pieces{"unable to recognize \"STDIN\": no", "", "unable to recognize \"STDIN\": no"});
    CHECK(read_errors("[1, 2]", files).others == "[1, 2]");
}

TEST_CASE("the first file that a line names is the one that it is about: the cluster's words may name others") {
    const OutputErrors parsed = read_errors(
        "Error from server (Invalid): error when creating \"/proc/self/fd/5\": \"/proc/self/fd/3\" is no name", files);
    CHECK(parsed.of_file ==
          Pieces{"", "", "Error from server (Invalid): error when creating \"STDIN\": \"/proc/self/fd/3\" is no name"});
    CHECK(read_errors("error: open \"/proc/self/fd/33\": no", files).others == "error: open \"/proc/self/fd/33\": no");
    CHECK(read_errors("the connection\nis gone", files).others == "the connection\nis gone");
}
