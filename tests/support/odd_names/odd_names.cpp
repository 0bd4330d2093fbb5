// SPDX-License-Identifier: Apache-2.0
//
// Cases for named_case_test.sh, whose names have what a shell, CMake, ctest or Catch2 could misread.
// Each prints its own name.
#include "support/catch.hpp"

#include <iostream>

namespace {

void say_name() {
    std::cout << "This is " << Catch::getResultCapture().getCurrentTestName() << '\n';
    SUCCEED();
}

} // namespace

TEST_CASE("plain") { say_name(); }
TEST_CASE("Plain") { say_name(); }
TEST_CASE("plain, and more") { say_name(); }
TEST_CASE("plain*") { say_name(); }
TEST_CASE("*") { say_name(); }
TEST_CASE("~plain") { say_name(); }
TEST_CASE("exclude:plain") { say_name(); }
TEST_CASE("[support]") { say_name(); }
TEST_CASE("-#") { say_name(); }
TEST_CASE("\"quoted\" and 'quoted'") { say_name(); }
TEST_CASE("one; two;") { say_name(); }
TEST_CASE("[[brackets]] and ]=] more]") { say_name(); }
TEST_CASE("C:\\path\\ and \\\"") { say_name(); }
TEST_CASE("${variable} $ENV{HOME} @variable@ $HOME `id` $(id) %PATH%") { say_name(); }
TEST_CASE("(?:a|b)+.^$ #comment") { say_name(); }
TEST_CASE("größer als 日本語 😀") { say_name(); }
TEST_CASE(" spaces  about ") { say_name(); }
