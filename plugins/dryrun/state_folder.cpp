// SPDX-License-Identifier: Apache-2.0
#include "state_folder.hpp"

#include "file_name.hpp"
#include "values.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <set>
#include <system_error>

namespace rsf::dryrun {
namespace {

constexpr std::string_view unfinished = ".new-"; // file_name() never starts with "."
constexpr const char *sequence_file = "sequence.json";

std::string reason(int error) { return std::generic_category().message(error); }

// Whether it can help to try again once there is room.
bool lacks_room(int error) { return error == ENOSPC || error == EDQUOT || error == EFBIG; }

std::string read_whole(int fd, const std::string &path) {
    std::string text;
    char piece[65536];
    for (;;) {
        const ssize_t size = ::read(fd, piece, sizeof piece);
        if (size > 0) text.append(piece, static_cast<std::size_t>(size));
        if (size == 0) return text;
        if (size < 0 && errno != EINTR)
            throw Error(Code::internal, "The state file " + path + " can't be read: " + reason(errno) + ".", Retry::never);
    }
}

std::string string_at(const json::object &object, std::string_view key) {
    const json::value *value = object.if_contains(key);
    return value && value->is_string() ? std::string(value->get_string()) : std::string();
}

struct Found {
    std::string name;
    mode_t type; // S_IFREG ...
};

std::vector<Found> entries_of(int folder, const std::string &path) {
    const int copy = ::fcntl(folder, F_DUPFD_CLOEXEC, 0);
    DIR *const stream = copy < 0 ? nullptr : ::fdopendir(copy);
    if (!stream) {
        const int error = errno;
        if (copy >= 0) ::close(copy);
        throw Error(Code::internal, "The state folder " + path + " can't be read: " + reason(error) + ".", Retry::never);
    }
    std::vector<Found> entries;
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
        throw Error(Code::internal, "The state folder " + path + " can't be read: " + reason(error) + ".", Retry::never);
    std::sort(entries.begin(), entries.end(), [](const Found &a, const Found &b) { return a.name < b.name; });
    return entries;
}

} // namespace

StateFolder::StateFolder(std::string path, Sync sync) : path_(std::move(path)), sync_(sync) {
    std::error_code failed;
    if (std::filesystem::create_directories(path_, failed)) ::chmod(path_.c_str(), 0700); // it will hold Secrets
    root_ = Descriptor(::open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!root_.open())
        throw Error(Code::invalid,
                    "The state folder " + path_ + " can't be opened: " + (failed ? failed.message() : reason(errno)) + ".",
                    Retry::never);
    if (::flock(root_.get(), LOCK_EX | LOCK_NB) != 0)
        throw Error(Code::conflict,
                    errno == EWOULDBLOCK ? "The state folder " + path_ +
                                               " is in use by another target or another daemon: each "
                                               "simulated cluster needs a folder of its own."
                                         : "The state folder " + path_ + " can't be locked: " + reason(errno) + ".",
                    Retry::never);
}

void StateFolder::fail(const char *what, const std::string &path, int error) const {
    throw Error(lacks_room(error) ? Code::unavailable : Code::internal,
                "The state file " + path_ + "/" + path + " could not be " + what + ": " + reason(error) +
                    ". Nothing was changed" + (lacks_room(error) ? "; make room and try again." : "."),
                lacks_room(error) ? Retry::later : Retry::unknown);
}

Descriptor StateFolder::open_folder(const std::string &folder) const {
    return Descriptor(::openat(root_.get(), folder.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
}

// Opening a FIFO or a device could wait for ever, so that nothing is waited for and only a regular file is read.
Descriptor StateFolder::open_file(const std::string &path) const {
    Descriptor file(::openat(root_.get(), path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    struct stat status {};
    if (file.open() && ::fstat(file.get(), &status) == 0 && !S_ISREG(status.st_mode))
        throw Error(Code::invalid, path_ + "/" + path + " is not a regular file: move it away, or set another state folder.",
                    Retry::never);
    return file;
}

// A folder is there once its name is on the disk: who finds it made by another thread may not go on before.
void StateFolder::make_folder(const std::string &folder) {
    if (folder == ".") return;
    const std::lock_guard lock(folders_mutex_);
    if (folders_.contains(folder)) return;
    const auto slash = folder.find('/');
    for (const std::string &step : {folder.substr(0, slash), folder}) {
        if (::mkdirat(root_.get(), step.c_str(), 0700) != 0 && errno != EEXIST) fail("written", step, errno);
        const Descriptor above = open_folder(step == folder ? folder.substr(0, slash) : ".");
        if (sync_ && (!above.open() || sync_(above.get()) != 0)) fail("written", step, errno);
    }
    folders_.insert(folder);
}

void StateFolder::write(const Key &key, std::string_view text) {
    const std::string folder = folder_of(key);
    replace_file(folder, file_of(key), text);
}

void StateFolder::replace_file(const std::string &folder, const std::string &path, std::string_view text) {
    make_folder(folder);
    const Descriptor place = open_folder(folder);
    if (!place.open()) {
        const int error = errno;
        const std::lock_guard lock(folders_mutex_);
        folders_.erase(folder); // somebody took it away by hand; the next write makes it again
        fail("written", path, error);
    }

    const std::string temporary = std::string(unfinished) + std::to_string(++writes_);
    Descriptor file(::openat(place.get(), temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!file.open()) fail("written", path, errno);

    int error = 0;
    for (std::string_view rest = text; !rest.empty() && error == 0;) {
        const ssize_t size = ::write(file.get(), rest.data(), rest.size());
        if (size >= 0)
            rest.remove_prefix(static_cast<std::size_t>(size));
        else if (errno != EINTR)
            error = errno;
    }
    if (error == 0 && sync_ && sync_(file.get()) != 0) error = errno;
    if (file.close() != 0 && error == 0) error = errno;
    const std::string name = path.substr(path.rfind('/') + 1); // npos + 1 is 0
    if (error == 0 && ::renameat(place.get(), temporary.c_str(), place.get(), name.c_str()) != 0) error = errno;
    if (error != 0) {
        ::unlinkat(place.get(), temporary.c_str(), 0);
        fail("written", path, error);
    }
    if (sync_ && sync_(place.get()) != 0)
        throw Unconfirmed(Code::internal, "The state file " + path_ + "/" + path +
                                              " was written, but may not survive a loss of power: " + reason(errno) + ".");
}

void StateFolder::remove(std::span<const Key> keys, const std::function<void(const Key &)> &removed) {
    std::set<std::string> folders;
    for (const Key &key : keys) {
        const std::string path = file_of(key);
        // A file that somebody took away by hand is gone as well.
        if (::unlinkat(root_.get(), path.c_str(), 0) != 0 && errno != ENOENT) fail("removed", path, errno);
        removed(key);
        folders.insert(folder_of(key));
    }
    if (!sync_) return;
    for (const std::string &folder : folders) {
        const Descriptor place = open_folder(folder);
        if (place.open() && sync_(place.get()) != 0)
            throw Unconfirmed(Code::internal, "A file in the state folder " + path_ + "/" + folder +
                                                  " was removed, but may come back after a loss of power: " + reason(errno) +
                                                  ".");
    }
}

void StateFolder::prune(std::span<const Key> keys) {
    std::set<std::string> folders;
    for (const Key &key : keys) {
        const std::string folder = folder_of(key);
        folders.insert(folder.substr(0, folder.find('/')));
        if (key.type == namespace_type) folders.insert(file_name(key.name));
    }
    const std::lock_guard lock(folders_mutex_);
    folders_.clear(); // who needs one makes it again
    try {             // a folder that is not empty stays, and one that can't be removed does no harm
        for (const std::string &folder : folders) {
            const Descriptor place = open_folder(folder);
            if (!place.open()) continue;
            for (const Found &kind : entries_of(place.get(), folder)) ::unlinkat(place.get(), kind.name.c_str(), AT_REMOVEDIR);
            ::unlinkat(root_.get(), folder.c_str(), AT_REMOVEDIR);
        }
    } catch (const Error &) {
        return;
    }
}

void StateFolder::load(const std::function<void(Loaded)> &each) {
    std::vector<std::string> leftovers;
    load_folder(".", 0, each, leftovers);
    // Only now is it sure that the folder is ours.
    for (const std::string &path : leftovers)
        if (::unlinkat(root_.get(), path.c_str(), 0) != 0) fail("removed", path, errno);
}

// depth 0: the state folder; 1: a namespace; 2: a kind.
void StateFolder::load_folder(const std::string &folder, int depth, const std::function<void(Loaded)> &each,
                              std::vector<std::string> &leftovers) {
    const Descriptor place = open_folder(folder);
    const std::string shown = depth == 0 ? path_ : path_ + "/" + folder;
    if (!place.open())
        throw Error(Code::internal, "The state folder " + shown + " can't be opened: " + reason(errno) + ".", Retry::never);
    for (const Found &entry : entries_of(place.get(), shown)) {
        const std::string path = depth == 0 ? entry.name : folder + "/" + entry.name;
        if (entry.name.starts_with(unfinished) && entry.type == S_IFREG) {
            leftovers.push_back(path);
        } else if (depth == 0 && (entry.name == sequence_file || entry.name == "lost+found")) {
            continue; // the first is read by sequence(), the second is the file system's own
        } else if (depth < 2 && entry.type == S_IFDIR) {
            load_folder(path, depth + 1, each, leftovers);
        } else if (depth == 2 && entry.type == S_IFREG) {
            each(load_file(path));
        } else {
            throw Error(Code::invalid,
                        path_ + "/" + path +
                            " does not belong in the state folder of a simulated cluster: move it away, or set another folder.",
                        Retry::never);
        }
    }
}

StateFolder::Loaded StateFolder::load_file(const std::string &path) const {
    const std::string shown = path_ + "/" + path;
    const Descriptor file = open_file(path);
    if (!file.open())
        throw Error(Code::internal, "The state file " + shown + " can't be opened: " + reason(errno) + ".", Retry::never);
    Loaded loaded;
    loaded.path = shown;
    loaded.text = read_whole(file.get(), shown);
    const auto damaged = [&](const std::string &why) {
        return Error(Code::invalid,
                     "The state file " + shown + " is damaged or foreign: " + why + ". Restore it from a backup, or remove it.",
                     Retry::never);
    };
    boost::system::error_code failed;
    json::value parsed = json_value(loaded.text, failed, deepest_object);
    if (failed) throw damaged(failed.message());
    if (!parsed.is_object()) throw damaged("it holds no JSON object");
    loaded.object = std::move(parsed.get_object());

    const json::value *metadata = loaded.object.if_contains("metadata");
    if (!metadata || !metadata->is_object()) throw damaged("its object has no metadata");
    loaded.key = {{group_of(string_at(loaded.object, "apiVersion")), string_at(loaded.object, "kind")},
                  string_at(metadata->get_object(), "namespace"),
                  string_at(metadata->get_object(), "name")};
    const std::string expected = file_of(loaded.key);
    if (expected != path) throw damaged("its object belongs in " + expected);
    return loaded;
}

std::optional<Sequence> StateFolder::sequence() const {
    const Descriptor file = open_file(sequence_file);
    const std::string shown = path_ + "/" + sequence_file;
    if (!file.open()) {
        if (errno == ENOENT) return std::nullopt;
        throw Error(Code::internal, "The state file " + shown + " can't be opened: " + reason(errno) + ".", Retry::never);
    }
    boost::system::error_code failed;
    const json::value parsed = json_value(read_whole(file.get(), shown), failed, deepest_object);
    const auto number = [&](const char *key) -> const json::value * {
        const json::value *value = !failed && parsed.is_object() ? parsed.get_object().if_contains(key) : nullptr;
        return value && value->is_int64() && value->get_int64() >= 0 ? value : nullptr;
    };
    const json::value *format = number("format");
    if (format && format->get_int64() != 1)
        throw Error(Code::invalid,
                    "The state folder " + path_ + " has format " + std::to_string(format->get_int64()) +
                        ", and this driver knows format 1 only: use the driver that wrote it.",
                    Retry::never);
    const json::value *revision = number("revision");
    const json::value *last_deletion = number("lastDeletion");
    if (!format || !revision || !last_deletion)
        throw Error(Code::invalid,
                    "The state file " + shown +
                        " is damaged or foreign. Restore it from a backup, or remove it to count on from the newest object.",
                    Retry::never);
    return Sequence{static_cast<std::uint64_t>(revision->get_int64()), static_cast<std::uint64_t>(last_deletion->get_int64())};
}

void StateFolder::write(const Sequence &sequence) {
    const json::object object{{"format", 1}, {"revision", sequence.revision}, {"lastDeletion", sequence.last_deletion}};
    replace_file(".", sequence_file, json_text(object) + "\n");
}

} // namespace rsf::dryrun
