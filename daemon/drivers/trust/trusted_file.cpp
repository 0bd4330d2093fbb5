// SPDX-License-Identifier: Apache-2.0
#include "drivers/trust/trusted_file.hpp"

#include "base/text.hpp"

#include <cerrno>
#include <climits>
#include <cstdio>
#include <deque>
#include <fcntl.h>
#include <string>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace rsf::drivers {

namespace {

namespace fs = std::filesystem;

constexpr int max_links = 40; // as the kernel's own limit (path_resolution(7))

std::string quoted(const fs::path &path) { return in_quotes(path.native(), PATH_MAX); }

std::string octal(mode_t mode) {
    char text[8];
    std::snprintf(text, sizeof text, "%04o", static_cast<unsigned>(mode & 07777));
    return text;
}

Error cannot_open(const fs::path &path, int error) {
    return error_of(error == ENOENT ? Code::not_found : Code::forbidden,
                    quoted(path) + " can't be opened: " + std::generic_category().message(error));
}

Result<struct stat> checked_status(int descriptor, const fs::path &path) {
    struct stat status {};
    if (::fstat(descriptor, &status) != 0) return cannot_open(path, errno);
    return status;
}

Result<void> check_owner(const struct stat &status, const fs::path &path) {
    if (status.st_uid == 0 || status.st_uid == ::geteuid()) return {};
    return error_of(Code::forbidden, quoted(path) + " belongs to user " + std::to_string(status.st_uid) +
                                         "; only what belongs to root or to the daemon's user (" + std::to_string(::geteuid()) +
                                         ") is trusted: chown root " + quoted(path));
}

Result<void> check_mode(const struct stat &status, const fs::path &path) {
    if ((status.st_mode & (S_IWGRP | S_IWOTH)) == 0) return {};
    return error_of(Code::forbidden, quoted(path) + " can be written by others than its owner (mode " + octal(status.st_mode) +
                                         "): chmod go-w " + quoted(path));
}

Result<void> check_folder(const struct stat &status, const fs::path &path) {
    if (auto owned = check_owner(status, path); !owned) return owned;
    if ((status.st_mode & S_ISVTX) != 0) return {};
    return check_mode(status, path);
}

Result<void> check_file(const struct stat &status, const fs::path &path) {
    if (!S_ISREG(status.st_mode))
        return error_of(Code::invalid, quoted(path) + " is not a regular file; name the driver's .so file");
    if (auto owned = check_owner(status, path); !owned) return owned;
    return check_mode(status, path);
}

Result<fs::path> read_link(int link, const fs::path &path) {
    char target[PATH_MAX];
    const ssize_t length = ::readlinkat(link, "", target, sizeof target);
    if (length <= 0) return cannot_open(path, length < 0 ? errno : ENOENT);
    return fs::path(std::string(target, static_cast<std::size_t>(length)));
}

// Walks a path folder by folder, from the root on.
class PathResolver {
  public:
    Result<FileDescriptor> to_folder(const fs::path &folder) {
        if (auto entered = enter_root(); !entered) return entered.error();
        put_first(folder);
        while (!ahead_.empty()) {
            const std::string step = std::move(ahead_.front());
            ahead_.pop_front();
            if (auto done = take(step); !done) return done.error();
        }
        return std::move(here_);
    }

  private:
    Result<void> enter_root() {
        here_ = FileDescriptor(::open("/", O_PATH | O_DIRECTORY | O_CLOEXEC));
        path_ = "/";
        if (!here_) return cannot_open(path_, errno);
        auto status = checked_status(here_.get(), path_);
        return status ? check_folder(*status, path_) : status.error();
    }

    void put_first(const fs::path &steps) {
        auto place = ahead_.begin();
        for (const fs::path &step : steps.relative_path())
            if (!step.empty() && step != ".") place = std::next(ahead_.insert(place, step.native()));
    }

    Result<void> take(const std::string &step) {
        const fs::path path = step == ".." ? path_.parent_path() : path_ / step;
        FileDescriptor next(::openat(here_.get(), step.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
        if (!next) return cannot_open(path, errno);
        auto status = checked_status(next.get(), path);
        if (!status) return status.error();
        if (S_ISLNK(status->st_mode)) return follow(next.get(), *status, path);
        if (!S_ISDIR(status->st_mode)) return error_of(Code::invalid, quoted(path) + " is not a folder");
        here_ = std::move(next);
        path_ = path;
        return check_folder(*status, path);
    }

    Result<void> follow(int link, const struct stat &status, const fs::path &path) {
        if (++links_ > max_links) return cannot_open(path, ELOOP);
        if (auto owned = check_owner(status, path); !owned) return owned;
        auto target = read_link(link, path);
        if (!target) return target.error();
        put_first(*target);
        return target->is_absolute() ? enter_root() : Result<void>{};
    }

    FileDescriptor here_;
    fs::path path_; // of here_, for messages
    std::deque<std::string> ahead_;
    int links_ = 0;
};

Result<FileDescriptor> open_last(int folder, const fs::path &file) {
    // O_NONBLOCK: a FIFO must not make the daemon wait.
    constexpr int flags = O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
    FileDescriptor opened(::openat(folder, file.filename().c_str(), flags));
    if (opened) return opened;
    if (errno == ELOOP) return error_of(Code::invalid, quoted(file) + " is a symbolic link; name the file that it leads to");
    return cannot_open(file, errno);
}

Result<FileDescriptor> walk_to(const fs::path &file) {
    if (!file.is_absolute())
        return error_of(Code::invalid,
                        quoted(file) + " is a relative path; a driver is named by its absolute path, which begins with '/'");
    if (!file.has_filename()) return error_of(Code::invalid, quoted(file) + " names a folder; name the driver's .so file");
    auto folder = PathResolver().to_folder(file.parent_path());
    if (!folder) return folder.error();
    auto opened = open_last(folder->get(), file);
    if (!opened) return opened.error();
    auto status = checked_status(opened->get(), file);
    if (!status) return status.error();
    if (auto checked = check_file(*status, file); !checked) return checked.error();
    return opened;
}

} // namespace

Result<FileDescriptor> open_trusted(const fs::path &file) {
    auto opened = walk_to(file);
    if (opened) return opened;
    return Error(opened.error()).in_file(file.native());
}

} // namespace rsf::drivers
