// SPDX-License-Identifier: Apache-2.0
#include "base/error.hpp"

#include "support/catch.hpp"

using namespace rsf::base;
using rsf::base::Error;

namespace {

// Two mistakes, one of which has a cause with a place of its own.
Error mistakes() {
    const auto missing = invalid("no driver").at({"s.yaml", 2, 15, {}}).because({invalid("no ELF file").in_file("/x/bad.so")});
    return invalid("2 mistakes").in_file("s.yaml").because({missing, invalid("no time").at({.line = 3, .column = 1})});
}

} // namespace

TEST_CASE("each cause of an error is a line, indented below what it is the cause of") {
    CHECK(to_string(mistakes()) == "s.yaml: 2 mistakes\n"
                                   "  s.yaml:2:15: no driver\n"
                                   "    /x/bad.so: no ELF file\n"
                                   "  3:1: no time");
}

TEST_CASE("an error with causes may be one line") {
    CHECK(in_one_line(mistakes()) == "s.yaml: 2 mistakes: s.yaml:2:15: no driver: /x/bad.so: no ELF file; 3:1: no time");
    CHECK(in_one_line(invalid("alone")) == "alone");
}
