// SPDX-License-Identifier: Apache-2.0
#include "drivers/abi/driver_library.hpp"

#include "scratch.hpp"

#include <resourcifier/driver.h>

#include <cstdlib>
#include <fcntl.h>
#include <string>
#include <unistd.h>
#include <vector>

namespace rsf::drivers::test {

namespace fs = std::filesystem;

namespace {

std::string loading_refusal(const fs::path &file) {
    const auto loaded = DriverLibrary::load(file);
    return loaded ? "it was loaded" : to_string(loaded.error());
}

} // namespace

TEST_CASE("a file that is opened again is not loaded again, and its descriptor is closed") {
    const auto first = taken(DriverLibrary::load(library("good_c")));
    auto again = taken(DriverFile::open(library("good_c")));
    const int descriptor = again->descriptor();
    CHECK(&taken(DriverLibrary::load(again))->entry() == &first->entry());
    again.reset();
    CHECK(::fcntl(descriptor, F_GETFD) == -1);
}

TEST_CASE("a good driver is loaded and its descriptor copied") {
    const auto loaded = taken(DriverLibrary::load(library("good_c")));
    const Descriptor &descriptor = loaded->descriptor();
    CHECK(descriptor.name == "good-c");
    CHECK(descriptor.version == "1.2.3");
    CHECK(descriptor.vendor == "Example Ltd");
    CHECK(descriptor.url == "https://example.org/good-c");
    CHECK(descriptor.summary == "an in-memory echo");
    CHECK_FALSE(descriptor.concurrent);
    CHECK(capability_names(descriptor.capabilities) ==
          std::vector<std::string>{"list", "get", "create", "replace", "delete", "apply"});
    CHECK(descriptor.settings_schema.contains("properties"));
    CHECK(descriptor.abi_major == RSF_ABI_MAJOR);
    CHECK(descriptor.abi_minor == 0); // what it wants, not what it was compiled with
    CHECK(descriptor.file == library("good_c"));
}

TEST_CASE("each driver that does not fit the ABI is refused with its own sentence") {
    struct Row {
        const char *name;
        const char *sentence;
    };
    const Row row = GENERATE(values<Row>({
        {"no_note", "the file carries no driver ABI note, so it is not a driver, or was linked without its .note.resourcifier "
                    "section; none of its code was run"},
        {"other_major", "the driver speaks driver ABI 2.0 and this daemon 1.1: another major version can't be loaded; get a "
                        "build of the driver for driver ABI 1"},
        {"newer_minor",
         "the driver speaks driver ABI 1.2 and this daemon 1.1: update the daemon, or get an older build of the driver"},
        {"two_notes", "the file carries two driver ABI notes, for 1."},
        {"note_disagrees", "the driver's entry says driver ABI 1.2 and its ELF note 1.1; rebuild it with one SDK"},
        {"bad_magic", "rsf_driver_entry is not a driver's entry: its magic is wrong"},
        {"short_entry", "the driver's entry is 16 bytes long; driver ABI 1 needs 32"},
        {"no_entry", "the library does not export rsf_driver_entry; a driver's source ends with RSF_DRIVER_ENTRY"},
        {"missing_symbol", "the system can't load the library: missing_symbol.so: undefined symbol: "
                           "function_of_a_library_that_was_not_linked"},
        {"no_descriptor", "the driver's entry has no descriptor"},
        {"no_functions", "the driver's entry has no function table"},
        {"null_create", "the driver's function table has no 'create'"},
        {"null_destroy", "the driver's function table has no 'destroy'"},
        {"null_perform", "the driver's function table has no 'perform'"},
        {"null_get_extension", "the driver's function table has no 'get_extension'"},
        {"short_functions", "the driver's function table has no 'perform'"},
        {"odd_size", "the driver's descriptor says that it is 19 bytes long, which is impossible"},
        {"bare_descriptor", "the driver calls itself ''; a name is a lower-case letter"},
        {"bad_name",
         "the driver calls itself '../Bad Name'; a name is a lower-case letter and at most 62 more of a-z, 0-9 and '-'"},
        {"no_version", "the driver 'no-version' does not say its version"},
        {"text_without_data", "the driver's descriptor is damaged: 'vendor' has a size and no data"},
        {"summary_not_utf8", "the driver's descriptor has a 'summary' that is not one line of UTF-8: 'caf\\xE9'"},
        {"schema_not_json", "the driver's settings schema is not JSON: "},
        {"bad_schema",
         "the driver's settings schema can't be used: 'propertys' is not a keyword of driver ABI 1's schemas (did you "
         "mean 'properties'?) at the top"},
    }));
    CAPTURE(row.name);
    const fs::path file = library(row.name);
    REQUIRE(fs::exists(file));
    CHECK_THAT(loading_refusal(file), StartsWith(file.native() + ": " + row.sentence));
}

TEST_CASE("code of a file runs only once its note is good") {
    struct Row {
        const char *name;
        bool runs;
    };
    const Row row = GENERATE(values<Row>({
        {"constructor_no_note", false},
        {"constructor_other_major", false},
        {"constructor", true}, // shows that the mark would be seen
    }));
    CAPTURE(row.name);
    const TempFolder scratch;
    const fs::path mark = scratch / "mark";
    REQUIRE(::setenv("RSF_TEST_MARK", mark.c_str(), 1) == 0);
    const auto loaded = DriverLibrary::load(library(row.name));
    ::unsetenv("RSF_TEST_MARK");
    CHECK(loaded.has_value() == row.runs);
    CHECK(fs::exists(mark) == row.runs);
}

TEST_CASE("a driver of an older minor version is loaded by a host of a newer one") {
    const auto loaded = taken(DriverLibrary::load(library("older_minor"), AbiVersion{1, 1}));
    CHECK(loaded->descriptor().name == "older-minor");
    CHECK(loaded->descriptor().abi_minor == 0);
    CHECK(loaded->descriptor().concurrent);
    CHECK(capability_names(loaded->descriptor().capabilities) == std::vector<std::string>{"get", "delete"});
}

TEST_CASE("the host's own version decides, not the build's") {
    const auto loaded = DriverLibrary::load(library("good_c"), AbiVersion{2, 0});
    REQUIRE(loaded.has_error());
    CHECK(loaded.error().code == Code::unsupported);
    CHECK_THAT(loaded.error().message, ContainsSubstring("driver ABI 1.0 and this daemon 2.0"));
}

TEST_CASE("a descriptor that ends before its schema means no settings, whatever stands behind it") {
    const auto loaded = taken(DriverLibrary::load(library("short_descriptor")));
    CHECK(loaded->descriptor().summary == "a short descriptor");
    CHECK(loaded->descriptor().settings_schema == boost::json::object{{"type", "object"}});
}

TEST_CASE("a function table that is longer than the host's works") {
    CHECK(loading_refusal(library("long_functions")) == "it was loaded");
}

TEST_CASE("two drivers are never taken for one another, though their descriptors' numbers come again") {
    const TempFolder scratch;
    // The same descriptor number is free before each load, unless a loaded library keeps it.
    const auto first = taken(DriverLibrary::load(scratch.copy(library("short_descriptor"), "a.so")));
    const auto second = taken(DriverLibrary::load(scratch.copy(library("older_minor"), "b.so")));
    const auto again = taken(DriverLibrary::load(scratch / "a.so"));
    const auto third = taken(DriverLibrary::load(scratch.copy(library("long_functions"), "c.so")));
    CHECK(first->descriptor().name == "short-descriptor");
    CHECK(second->descriptor().name == "older-minor");
    CHECK(again->descriptor().name == "short-descriptor");
    CHECK(&again->entry() == &first->entry());
    CHECK(third->descriptor().name == "long-functions");
}

TEST_CASE("a driver whose file was replaced is loaded anew beside the old one") {
    const TempFolder scratch;
    const auto before = taken(DriverLibrary::load(scratch.copy(library("long_functions"), "driver.so")));
    fs::rename(scratch.copy(library("short_descriptor"), "new"), scratch / "driver.so");
    const auto after = taken(DriverLibrary::load(scratch / "driver.so"));
    CHECK(before->descriptor().name == "long-functions");
    CHECK(after->descriptor().name == "short-descriptor");
}

TEST_CASE("a refused file costs no descriptor, and a loaded one keeps one that is closed at exec") {
    const auto lowest_free = [] {
        const int number = ::dup(0);
        ::close(number);
        return number;
    };
    const int before = lowest_free();
    loading_refusal(library("no_note"));
    loading_refusal(library("missing_symbol"));
    CHECK(lowest_free() == before);
    const TempFolder scratch;
    taken(DriverLibrary::load(scratch.copy(library("long_functions"), "kept.so")));
    CHECK((::fcntl(before, F_GETFD) & FD_CLOEXEC) != 0);
}

} // namespace rsf::drivers::test
