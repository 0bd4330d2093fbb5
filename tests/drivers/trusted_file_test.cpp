// SPDX-License-Identifier: Apache-2.0
#include "drivers/trust/trusted_file.hpp"

#include "scratch.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace rsf::drivers::test {

namespace fs = std::filesystem;

namespace {

std::string opening_refusal(const fs::path &file) {
    const auto opened = open_trusted(file);
    return opened ? "it was opened" : to_string(opened.error());
}

bool is_root() {
    if (::geteuid() == 0) return true;
    WARN("not run: only root can give a file to another user");
    return false;
}

void give_to_somebody(const fs::path &path) { REQUIRE(::lchown(path.c_str(), 12345, 12345) == 0); }

} // namespace

TEST_CASE("a file of the daemon's user is opened for reading and closed at exec") {
    const TempFolder scratch;
    const auto opened = taken(open_trusted(scratch.write("driver.so", "bytes")));
    CHECK((::fcntl(opened.get(), F_GETFD) & FD_CLOEXEC) != 0);
    CHECK((::fcntl(opened.get(), F_GETFL) & O_ACCMODE) == O_RDONLY);
}

TEST_CASE("a relative path is refused") {
    CHECK(opening_refusal("drivers/x.so") ==
          "drivers/x.so: 'drivers/x.so' is a relative path; a driver is named by its absolute path, which "
          "begins with '/'");
    CHECK_THAT(opening_refusal("x.so"), ContainsSubstring("is a relative path"));
    CHECK_THAT(opening_refusal(""), ContainsSubstring("is a relative path"));
}

TEST_CASE("a file that is not there is refused by the step that is missing") {
    const TempFolder scratch;
    const std::string folder = scratch.path().native();
    CHECK(opening_refusal(scratch / "no/x.so") ==
          folder + "/no/x.so: '" + folder + "/no' can't be opened: No such file or directory");
    CHECK_THAT(opening_refusal(scratch / "x.so"), EndsWith("'" + folder + "/x.so' can't be opened: No such file or directory"));
    CHECK(open_trusted(scratch / "x.so").error().code == Code::not_found);
}

TEST_CASE("what is not a regular file is refused") {
    const TempFolder scratch;
    fs::create_directory(scratch / "folder.so");
    REQUIRE(::mkfifo((scratch / "fifo.so").c_str(), 0600) == 0);
    CHECK_THAT(opening_refusal(scratch / "folder.so"), EndsWith("is not a regular file; name the driver's .so file"));
    CHECK_THAT(opening_refusal(scratch / "fifo.so"),
               EndsWith("is not a regular file; name the driver's .so file")); // and does not wait
    CHECK_THAT(opening_refusal(scratch / "folder.so/"), EndsWith("names a folder; name the driver's .so file"));
    CHECK_THAT(opening_refusal(scratch.write("file", "") / "x.so"), EndsWith("/file' is not a folder"));
}

TEST_CASE("a symbolic link is refused as the file and followed as a folder") {
    const TempFolder scratch;
    fs::create_directory(scratch / "real");
    scratch.write("real/x.so", "bytes");
    fs::create_symlink("real/x.so", scratch / "x.so");
    fs::create_symlink("real", scratch / "relative");
    fs::create_symlink(scratch / "real", scratch / "absolute");
    fs::create_symlink("loop", scratch / "loop");
    CHECK_THAT(opening_refusal(scratch / "x.so"), EndsWith("/x.so' is a symbolic link; name the file that it leads to"));
    CHECK(opening_refusal(scratch / "relative/x.so") == "it was opened");
    CHECK(opening_refusal(scratch / "absolute/../relative/./x.so") == "it was opened");
    CHECK_THAT(opening_refusal(scratch / "loop/x.so"), EndsWith("can't be opened: Too many levels of symbolic links"));
}

TEST_CASE("a file that others can write is refused with what to do") {
    const TempFolder scratch;
    const fs::path file = scratch.write("x.so", "bytes");
    const unsigned mode = GENERATE(0666u, 0664u, 0646u, 0777u);
    set_mode(file, mode);
    char text[8];
    std::snprintf(text, sizeof text, "%04o", mode);
    CHECK_THAT(opening_refusal(file), EndsWith("'" + file.native() + "' can be written by others than its owner (mode " + text +
                                               "): chmod go-w '" + file.native() + "'"));
}

TEST_CASE("a folder that others can write is refused wherever it stands in the path") {
    const TempFolder scratch;
    fs::create_directories(scratch / "a/b/c");
    const fs::path file = scratch.write("a/b/c/x.so", "bytes");
    const fs::path folder = scratch.path() / GENERATE("a", "a/b", "a/b/c");
    const unsigned mode = GENERATE(0777u, 0775u);
    set_mode(folder, mode);
    CHECK_THAT(opening_refusal(file),
               ContainsSubstring("'" + folder.native() + "' can be written by others than its owner (mode 077"));
    CHECK_THAT(opening_refusal(file), EndsWith("chmod go-w '" + folder.native() + "'"));
}

TEST_CASE("a folder that others can write is trusted where its sticky bit keeps them from other people's entries") {
    const TempFolder scratch;
    fs::create_directory(scratch / "sticky");
    const fs::path file = scratch.write("sticky/x.so", "bytes");
    set_mode(scratch / "sticky", 01777);
    CHECK(opening_refusal(file) == "it was opened");
}

TEST_CASE("what belongs to another user is refused: the file, a folder, a link") {
    if (!is_root()) return;
    const TempFolder scratch;
    fs::create_directory(scratch / "sticky");
    fs::create_directory(scratch / "sticky/folder");
    set_mode(scratch / "sticky", 01777);
    const fs::path file = scratch.write("sticky/folder/x.so", "bytes");
    fs::create_symlink("folder", scratch / "sticky/link");
    const std::string belongs =
        "' belongs to user 12345; only what belongs to root or to the daemon's user (0) is trusted: chown root '";
    SECTION("the file") {
        give_to_somebody(file);
        CHECK_THAT(opening_refusal(file), EndsWith("'" + file.native() + belongs + file.native() + "'"));
    }
    SECTION("its folder, in a sticky one") {
        give_to_somebody(file.parent_path());
        CHECK_THAT(opening_refusal(file), ContainsSubstring(file.parent_path().native() + belongs));
    }
    SECTION("a sticky folder itself") {
        give_to_somebody(scratch / "sticky");
        CHECK_THAT(opening_refusal(file), ContainsSubstring("/sticky" + belongs));
    }
    SECTION("a link on the way, whose owner could lead it elsewhere") {
        give_to_somebody(scratch / "sticky/link");
        CHECK_THAT(opening_refusal(scratch / "sticky/link/x.so"), ContainsSubstring("/sticky/link" + belongs));
    }
}

} // namespace rsf::drivers::test
