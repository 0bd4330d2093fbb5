// SPDX-License-Identifier: Apache-2.0
//
// Programs that behave like a kubectl, or badly: shell scripts in a folder that is removed at the end. Not thread-safe.
#pragma once

#include "support/temp_folder.hpp"

#include <dirent.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>
#include <vector>

namespace rsf::kubectl {

// A folder for the kubectl of a test and what it writes. Paths are texts, as settings have them.
class Folder {
  public:
    std::string path() const { return folder_.path().string(); }

    std::string write(const std::string &name, const std::string &text, mode_t mode = 0600) const {
        const std::string file = folder_.write(name, text).string();
        ::chmod(file.c_str(), mode);
        return file;
    }

    // An executable script; in its text HERE is this folder.
    std::string script(const std::string &text, const std::string &name = "kubectl") const {
        return write(name, "#!/bin/sh\nHERE=" + path() + "\n" + text + "\n", 0700);
    }

    // Empty if there is no such file.
    std::string read(const std::string &name) const {
        return std::filesystem::exists(folder_ / name) ? folder_.read(name) : std::string();
    }
    std::vector<std::string> lines(const std::string &name) const { return test::lines_of(read(name)); }

  private:
    test::TempFolder folder_;
};

inline std::size_t open_descriptors() {
    const auto entries = std::filesystem::directory_iterator("/proc/self/fd");
    return static_cast<std::size_t>(std::distance(begin(entries), end(entries)));
}

// Of a context a, whose cluster c is where nothing listens.
inline constexpr const char *whole_kubeconfig = "current-context: a\ncontexts: [{name: a, context: {cluster: c}}]\n"
                                                "clusters: [{name: c, cluster: {server: 'http://localhost:1'}}]\n";

// Children of this process, zombies too.
inline std::vector<std::string> children() {
    std::vector<std::string> result;
    for (const auto &task : std::filesystem::directory_iterator("/proc/self/task")) {
        std::ifstream in(task.path() / "children");
        for (std::string pid; in >> pid;) result.push_back(pid);
    }
    return result;
}

// Whether a process still runs: neither gone nor a zombie that its new parent has not taken yet.
inline bool runs(const std::string &pid) {
    std::ifstream in("/proc/" + pid + "/stat");
    std::string number, name, state;
    in >> number >> name >> state;
    return !state.empty() && state != "Z" && state != "X";
}

inline void wait_until_gone(const std::string &pid) {
    while (runs(pid)) std::this_thread::yield();
}

} // namespace rsf::kubectl
