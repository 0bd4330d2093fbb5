// SPDX-License-Identifier: Apache-2.0
#include "crash/folder_watch.hpp"

#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <stdexcept>
#include <string_view>

namespace rsf::test::crash {

FolderWatch::FolderWatch(const std::filesystem::path &folder) : descriptor_(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK)) {
    std::filesystem::create_directories(folder);
    // Each write is a new file under another name, which is renamed.
    if (::inotify_add_watch(descriptor_, folder.c_str(), IN_MOVED_TO | IN_DELETE) < 0)
        throw std::runtime_error("can't watch " + folder.string());
}

FolderWatch::~FolderWatch() { ::close(descriptor_); }

std::optional<std::map<std::string, std::vector<Event>>> FolderWatch::take() {
    std::map<std::string, std::vector<Event>> taken;
    bool is_whole = true;
    std::array<char, 65536> buffer{};
    for (ssize_t got; (got = ::read(descriptor_, buffer.data(), buffer.size())) > 0;) {
        for (std::size_t at = 0; at < static_cast<std::size_t>(got);) {
            inotify_event event{};
            std::memcpy(&event, buffer.data() + at, sizeof event);
            const std::string_view name = event.len == 0 ? "" : buffer.data() + at + sizeof event;
            at += sizeof event + event.len;
            if ((event.mask & IN_Q_OVERFLOW) != 0) is_whole = false;
            if (!name.ends_with(".json")) continue;
            const bool is_deleted = (event.mask & IN_DELETE) != 0;
            taken[std::string(name.substr(0, name.size() - 5))].push_back(
                {is_deleted ? Event::Kind::deleted : Event::Kind::modified, {}});
        }
    }
    return is_whole ? std::optional(std::move(taken)) : std::nullopt;
}

} // namespace rsf::test::crash
