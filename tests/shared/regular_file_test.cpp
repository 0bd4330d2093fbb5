// SPDX-License-Identifier: Apache-2.0
#include "support/catch.hpp"
#include "support/temp_folder.hpp"

#include "shared/regular_file.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <string>

using namespace rsf::shared;
using rsf::test::TempFolder;

TEST_CASE("a regular file is read up to its longest length") {
    const TempFolder folder;
    const std::string long_text(40'000, 'x'); // more than is read at once
    const std::filesystem::path file = folder.write("file", long_text);
    CHECK(read_regular_file(file, long_text.size()).text == long_text);
    const FileText longer = read_regular_file(file, long_text.size() - 1);
    CHECK(longer.text.empty());
    CHECK(longer.fault == "is larger than 39999 bytes");
    const FileText empty = read_regular_file(folder.write("empty", ""), 10);
    CHECK(empty.text.empty());
    CHECK(empty.fault.empty());
}

TEST_CASE("what is not a regular file is not opened, and the fault says what it is") {
    const TempFolder folder;
    const std::filesystem::path fifo = folder / "fifo";
    REQUIRE(::mkfifo(fifo.c_str(), 0600) == 0);
    struct Row {
        std::filesystem::path path;
        const char *fault;
    };
    for (const Row &row :
         {Row{folder.path(), "is a folder, not a file"}, Row{fifo, "is not a regular file"},
          Row{"/dev/zero", "is not a regular file"}, Row{folder / "absent", "can't be read: No such file or directory"}}) {
        INFO(row.path);
        const RegularFile file = open_regular_file(row.path);
        CHECK_FALSE(file.opened);
        CHECK(file.fault == row.fault);
        CHECK(read_text(file, 10).fault == row.fault);
        CHECK(read_regular_file(row.path, 10).fault == row.fault);
    }
}

TEST_CASE("an open file comes with its status") {
    const TempFolder folder;
    const RegularFile file = open_regular_file(folder.write("file", "four"));
    CHECK(file.opened);
    CHECK(file.fault.empty());
    CHECK(file.status.st_size == 4);
    CHECK(read_text(file, 4).text == "four");
}
