// SPDX-License-Identifier: Apache-2.0
#include "file_reading.hpp"

#include <resourcifier/driver.hpp>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace rsf::dryrun::storage {

std::string error_text(int error) { return std::generic_category().message(error); }

std::string read_whole(int fd, const std::string &path) {
    std::string text;
    char piece[65536];
    for (;;) {
        const ssize_t size = ::read(fd, piece, sizeof piece);
        if (size > 0) text.append(piece, static_cast<std::size_t>(size));
        if (size == 0) return text;
        if (size < 0 && errno != EINTR)
            throw Error(Code::internal, "The state file " + path + " can't be read: " + error_text(errno) + ".", Retry::never);
    }
}

std::vector<FolderEntry> entries_of(int folder, const std::string &path) {
    const int copy = ::fcntl(folder, F_DUPFD_CLOEXEC, 0);
    DIR *const stream = copy < 0 ? nullptr : ::fdopendir(copy);
    if (!stream) {
        const int error = errno;
        if (copy >= 0) ::close(copy);
        throw Error(Code::internal, "The state folder " + path + " can't be read: " + error_text(error) + ".", Retry::never);
    }
    std::vector<FolderEntry> entries;
    errno = 0;
    while (const dirent *entry = ::readdir(stream)) {
        const std::string name = entry->d_name;
        if (name == "." || name == "..") continue;
        struct stat status {};
        const bool known = ::fstatat(folder, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0;
        entries.push_back({name, known ? status.st_mode & S_IFMT : 0});
        errno = 0;
    }
    const int error = errno;
    ::closedir(stream);
    if (error != 0)
        throw Error(Code::internal, "The state folder " + path + " can't be read: " + error_text(error) + ".", Retry::never);
    std::sort(entries.begin(), entries.end(), [](const FolderEntry &a, const FolderEntry &b) { return a.name < b.name; });
    return entries;
}

} // namespace rsf::dryrun::storage
