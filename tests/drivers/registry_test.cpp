// SPDX-License-Identifier: Apache-2.0
#include "drivers/registry.hpp"

#include "scratch.hpp"

namespace rsf::drivers::test {

namespace fs = std::filesystem;

namespace {

std::vector<std::string> names(const Registry &registry) {
    std::vector<std::string> names;
    for (const auto &driver : registry.drivers()) names.push_back(driver->descriptor.name);
    return names;
}

} // namespace

TEST_CASE("the drivers of a folder are found by name, and what is no .so is left alone") {
    const TempFolder scratch;
    scratch.copy(library("long_functions"), "b.so");
    scratch.copy(library("good_c"), "a.so");
    scratch.copy(library("older_minor"), "older.so.bak");
    scratch.write("README", "nothing to load");
    const Registry registry = Registry::scan({scratch.path()}, describe_here);
    CHECK(names(registry) == std::vector<std::string>{"good-c", "long-functions"});
    CHECK(registry.refused().empty());
    CHECK(taken(registry.find("good-c"))->descriptor.file == scratch / "a.so");
}

TEST_CASE("a folder that can't be read is remembered, and the others are still looked through") {
    const TempFolder scratch;
    scratch.copy(library("good_c"), "a.so");
    const fs::path missing = scratch / "missing";
    const Registry registry = Registry::scan({missing, scratch.path()}, describe_here);
    CHECK(names(registry) == std::vector<std::string>{"good-c"});
    REQUIRE(registry.refused().size() == 1);
    CHECK(registry.refused()[0].code == Code::not_found);
    CHECK(to_string(registry.refused()[0]) ==
          missing.native() + ": the driver folder can't be read: No such file or directory; create it or change driver_path");
    const Registry file = Registry::scan({scratch / "a.so"}, describe_here);
    CHECK_THAT(to_string(file.refused().at(0)),
               ContainsSubstring("the driver folder can't be read: Not a directory; driver_path lists folders"));
}

TEST_CASE("a file that is refused is remembered with its sentence") {
    const TempFolder scratch;
    scratch.copy(library("no_note"), "bad.so");
    scratch.copy(library("good_c"), "good.so");
    const Registry registry = Registry::scan({scratch.path()}, describe_here);
    CHECK(names(registry) == std::vector<std::string>{"good-c"});
    REQUIRE(registry.refused().size() == 1);
    CHECK_THAT(to_string(registry.refused()[0]),
               StartsWith((scratch / "bad.so").native() + ": the file carries no driver ABI note"));
}

TEST_CASE("the first driver of a name wins, and the second is remembered") {
    const TempFolder first, second;
    first.copy(library("good_c"), "a.so");
    second.copy(library("good_c"), "b.so");
    const Registry registry = Registry::scan({first.path(), second.path()}, describe_here);
    CHECK(taken(registry.find("good-c"))->descriptor.file == first.path() / "a.so");
    REQUIRE(registry.refused().size() == 1);
    CHECK(to_string(registry.refused()[0]) ==
          (second.path() / "b.so").native() + ": the driver's name 'good-c' is taken already by " +
              (first.path() / "a.so").native() + ", which comes first; name this one by its path, or remove one of the two");
    CHECK(taken(registry.find((second.path() / "b.so").native()))->descriptor.file == second.path() / "b.so");
}

TEST_CASE("a driver that is not there is refused with where it was looked for, the nearest name and what was refused") {
    const TempFolder scratch;
    scratch.copy(library("good_c"), "good.so");
    scratch.copy(library("no_note"), "bad.so");
    const Registry registry = Registry::scan({scratch.path(), "/nowhere/at/all"}, describe_here);
    const auto found = registry.find("good-d");
    REQUIRE(found.has_error());
    CHECK(found.error().code == Code::not_found);
    CHECK(found.error().message ==
          "there is no driver 'good-d' (did you mean 'good-c'?); looked in " + scratch.path().native() + ", /nowhere/at/all");
    REQUIRE(found.error().causes.size() == 1); // the file; the folder is among registry.refused()
    CHECK(found.error().causes[0].place.file == (scratch / "bad.so").native());
    CHECK(Registry::scan({}, describe_here).find("x").error().message ==
          "there is no driver 'x'; driver_path names no folder to look in");
}

TEST_CASE("a driver is found by its absolute path, inside the driver path or outside") {
    const TempFolder scratch;
    const fs::path file = scratch.copy(library("good_c"), "good.so");
    const Registry registry = Registry::scan({scratch.path()}, describe_here);
    CHECK(taken(registry.find(file.native())).get() == registry.drivers()[0].get());
    CHECK(taken(registry.find(library("older_minor").native()))->descriptor.name == "older-minor");
    CHECK_THAT(to_string(registry.find("./good.so").error()), ContainsSubstring("is a relative path"));
    CHECK_THAT(to_string(registry.find("/no/such.so").error()), ContainsSubstring("'/no' can't be opened"));
}

} // namespace rsf::drivers::test
