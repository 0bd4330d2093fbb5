// SPDX-License-Identifier: Apache-2.0
//
// The documents in the repository are those that the tables of settings give.
#include "config/documents/documents.hpp"

#include "config/documents/rows.hpp"
#include "support/catch.hpp"
#include "support/daemon_process.hpp"

#include <sstream>

using namespace rsf::config;
using rsf::test::read_file;

namespace {

const std::filesystem::path root = TEST_SOURCE_DIR "/..";

} // namespace

TEST_CASE("the documents of the settings are as the table has it: ./dev settings writes them") {
    for (const SettingsDocument &document : documents) {
        INFO(document.file << " differs: run ./dev settings");
        CHECK(read_file(root / document.file) == document.make(read_file(root / document.source)));
    }
}

TEST_CASE("the example shows each setting with its text before it, in lines of at most 100 bytes") {
    const std::string text = example_file("a\n@settings@\nb\n@unknown@\n");
    CHECK_THAT(text, StartsWith("a\n") && EndsWith("targets:\nb\n@unknown@\n"));
    CHECK_THAT(text, ContainsSubstring("\n\n# Threads that serve connections. Targets have threads of their own. From 1 to 256. "
                                       "A change takes a\n# restart.\nthreads: 2\n"));
    CHECK_THAT(text, ContainsSubstring("\n  # Headers of a request. From 8 to 10000.\n  header_count: 100\n"));
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) CHECK(line.size() <= 100);
    CHECK_THAT(example_file("@target@\n"),
               ContainsSubstring("\n    process: {}\n") && ContainsSubstring("    # - cpu: Processor time"));
}

TEST_CASE("the manual page has literals as such, and each sentence on its line") {
    const std::string page = manual_page("@settings@\n@limits@\n@target@\n");
    CHECK_THAT(page, ContainsSubstring(".It Ic threads : 2\nThreads that serve connections.\nTargets have threads of their own.\n"
                                       "From 1 to 256.\nA change takes a restart.\n"));
    CHECK_THAT(page, ContainsSubstring("\n.Ql \"localhost\" ,\n.Ql \"127.0.0.1\"\nand\n.Ql \"[::1]\" ,\n"));
    CHECK_THAT(page, ContainsSubstring("mode: \\(dq0660\\(dq}\" .\n"));
    CHECK_THAT(page, ContainsSubstring(".It Ic driver\n") && ContainsSubstring("Required.\n"));
}
