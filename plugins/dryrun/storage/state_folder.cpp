// SPDX-License-Identifier: Apache-2.0
#include "state_folder.hpp"

#include "dryrun/objects/api_version.hpp"
#include "dryrun/objects/values.hpp"
#include "file_name.hpp"
#include "file_reading.hpp"
#include "origin_text.hpp"
#include "shared/failpoint.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <set>
#include <system_error>

namespace rsf::dryrun::storage {

using namespace objects;

namespace {

constexpr std::string_view unfinished = ".new-"; // file_name() never starts with "."
constexpr const char *sequence_file = "sequence.json", *deletions_file = "deletions.json";

// Whether a later attempt may succeed once there is room.
bool lacks_room(int error) { return error == ENOSPC || error == EDQUOT || error == EFBIG; }

std::string string_at(const json::object &object, std::string_view key) {
    const json::value *value = object.if_contains(key);
    return value && value->is_string() ? std::string(value->get_string()) : std::string();
}

} // namespace

StateFolder::StateFolder(std::string path, Sync sync) : path_(std::move(path)), sync_(sync) {
    std::error_code failed;
    if (std::filesystem::create_directories(path_, failed)) ::chmod(path_.c_str(), 0700); // it will hold Secrets
    root_ = FileDescriptor(::open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!root_)
        throw Error(Code::invalid,
                    "The state folder " + path_ + " can't be opened: " + (failed ? failed.message() : error_text(errno)) + ".",
                    Retry::never);
    if (::flock(root_.get(), LOCK_EX | LOCK_NB) != 0)
        throw Error(Code::conflict,
                    errno == EWOULDBLOCK ? "The state folder " + path_ +
                                               " is in use by another target or another daemon: each "
                                               "simulated cluster needs a folder of its own."
                                         : "The state folder " + path_ + " can't be locked: " + error_text(errno) + ".",
                    Retry::never);
}

void StateFolder::fail(const char *what, const std::string &path, int error) const {
    throw Error(lacks_room(error) ? Code::unavailable : Code::internal,
                "The state file " + path_ + "/" + path + " could not be " + what + ": " + error_text(error) +
                    ". Nothing was changed" + (lacks_room(error) ? "; make room and try again." : "."),
                lacks_room(error) ? Retry::later : Retry::unknown);
}

FileDescriptor StateFolder::open_folder(const std::string &folder) const {
    return FileDescriptor(::openat(root_.get(), folder.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
}

// O_NONBLOCK, since opening a FIFO or a device could block for ever.
FileDescriptor StateFolder::open_file(const std::string &path) const {
    FileDescriptor file(::openat(root_.get(), path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    struct stat status {};
    if (file && ::fstat(file.get(), &status) == 0 && !S_ISREG(status.st_mode))
        throw Error(Code::invalid, path_ + "/" + path + " is not a regular file: move it away, or set another state folder.",
                    Retry::never);
    return file;
}

// The mutex is held until the folder's name is synced: another thread that needs the folder waits until it is on the disk.
void StateFolder::make_folder(const std::string &folder) {
    if (folder == ".") return;
    const shared::Lock lock(folders_mutex_);
    if (folders_.contains(folder)) return;
    const auto slash = folder.find('/');
    for (const std::string &step : {folder.substr(0, slash), folder}) {
        if (::mkdirat(root_.get(), step.c_str(), 0700) != 0 && errno != EEXIST) fail("written", step, errno);
        const FileDescriptor above = open_folder(step == folder ? folder.substr(0, slash) : ".");
        if (sync_ && (!above || sync_(above.get()) != 0)) fail("written", step, errno);
    }
    folders_.insert(folder);
}

void StateFolder::write(const Key &key, std::string_view text) {
    const std::string folder = folder_of(key);
    replace_file(folder, file_of(key), text);
}

void StateFolder::replace_file(const std::string &folder, const std::string &path, std::string_view text) {
    make_folder(folder);
    const FileDescriptor place = open_folder(folder);
    if (!place) {
        const int error = errno;
        const shared::Lock lock(folders_mutex_);
        folders_.erase(folder); // it was removed by hand; the next write makes it again
        fail("written", path, error);
    }

    RSF_FAILPOINT("dryrun.file.before");
    const std::string temporary = std::string(unfinished) + std::to_string(++writes_);
    FileDescriptor file(::openat(place.get(), temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!file) fail("written", path, errno);

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
    RSF_FAILPOINT("dryrun.file.written");
    const std::string name = path.substr(path.rfind('/') + 1); // npos + 1 is 0
    if (error == 0 && ::renameat(place.get(), temporary.c_str(), place.get(), name.c_str()) != 0) error = errno;
    if (error != 0) {
        ::unlinkat(place.get(), temporary.c_str(), 0);
        fail("written", path, error);
    }
    RSF_FAILPOINT("dryrun.file.renamed");
    if (sync_ && sync_(place.get()) != 0)
        throw Unconfirmed(Code::internal, "The state file " + path_ + "/" + path +
                                              " was written, but may not survive a loss of power: " + error_text(errno) + ".");
}

void StateFolder::remove(std::span<const Key> keys, const std::function<void(const Key &)> &removed) {
    std::set<std::string> folders;
    for (const Key &key : keys) {
        const std::string path = file_of(key);
        RSF_FAILPOINT("dryrun.remove.before");
        // A file that was removed by hand is no failure.
        if (::unlinkat(root_.get(), path.c_str(), 0) != 0 && errno != ENOENT) fail("removed", path, errno);
        RSF_FAILPOINT("dryrun.remove.after");
        removed(key);
        folders.insert(folder_of(key));
    }
    if (!sync_) return;
    for (const std::string &folder : folders) {
        const FileDescriptor place = open_folder(folder);
        if (place && sync_(place.get()) != 0)
            throw Unconfirmed(Code::internal, "A file in the state folder " + path_ + "/" + folder +
                                                  " was removed, but may come back after a loss of power: " + error_text(errno) +
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
    const shared::Lock lock(folders_mutex_);
    folders_.clear(); // the next write makes its folder again
    try {             // rmdir leaves a folder that is not empty; a failure does no harm
        for (const std::string &folder : folders) {
            const FileDescriptor place = open_folder(folder);
            if (!place) continue;
            for (const FolderEntry &kind : entries_of(place.get(), folder))
                ::unlinkat(place.get(), kind.name.c_str(), AT_REMOVEDIR);
            ::unlinkat(root_.get(), folder.c_str(), AT_REMOVEDIR);
        }
    } catch (const Error &) {
        return;
    }
}

void StateFolder::load(const std::function<void(Loaded)> &each) {
    std::vector<std::string> leftovers;
    load_folder(".", 0, each, leftovers);
    // After the load: a foreign folder has failed by now and stays as it was.
    for (const std::string &path : leftovers)
        if (::unlinkat(root_.get(), path.c_str(), 0) != 0) fail("removed", path, errno);
}

// depth 0: the state folder; 1: a namespace; 2: a kind.
void StateFolder::load_folder(const std::string &folder, int depth, const std::function<void(Loaded)> &each,
                              std::vector<std::string> &leftovers) {
    const FileDescriptor place = open_folder(folder);
    const std::string shown = depth == 0 ? path_ : path_ + "/" + folder;
    if (!place)
        throw Error(Code::internal, "The state folder " + shown + " can't be opened: " + error_text(errno) + ".", Retry::never);
    for (const FolderEntry &entry : entries_of(place.get(), shown)) {
        const std::string path = depth == 0 ? entry.name : folder + "/" + entry.name;
        if (entry.name.starts_with(unfinished) && entry.type == S_IFREG) {
            leftovers.push_back(path);
        } else if (depth == 0 && (entry.name == sequence_file || entry.name == deletions_file || entry.name == "lost+found")) {
            continue; // the first two are read by themselves, the third is the file system's own
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
    const FileDescriptor file = open_file(path);
    if (!file)
        throw Error(Code::internal, "The state file " + shown + " can't be opened: " + error_text(errno) + ".", Retry::never);
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
    loaded.origin = take_origin(loaded.object, loaded.text);

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
    const FileDescriptor file = open_file(sequence_file);
    const std::string shown = path_ + "/" + sequence_file;
    if (!file) {
        if (errno == ENOENT) return std::nullopt;
        throw Error(Code::internal, "The state file " + shown + " can't be opened: " + error_text(errno) + ".", Retry::never);
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

std::vector<Deletion> StateFolder::deletions() const {
    const FileDescriptor file = open_file(deletions_file);
    const std::string shown = path_ + "/" + deletions_file;
    if (!file) {
        if (errno == ENOENT) return {};
        throw Error(Code::internal, "The state file " + shown + " can't be opened: " + error_text(errno) + ".", Retry::never);
    }
    std::optional<std::vector<Deletion>> deletions = read_deletions(read_whole(file.get(), shown));
    if (!deletions)
        throw Error(Code::invalid,
                    "The state file " + shown +
                        " is damaged or foreign. Restore it from a backup, or remove it: then it is not known which steps of "
                        "operations deleted objects.",
                    Retry::never);
    return *std::move(deletions);
}

void StateFolder::write(const std::vector<Deletion> &deletions) { replace_file(".", deletions_file, text_of(deletions)); }

} // namespace rsf::dryrun::storage
