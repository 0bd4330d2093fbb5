// SPDX-License-Identifier: Apache-2.0
//
// A branch of a remote repository, read and written without a working tree. Not thread-safe.
#pragma once

#include <resourcifier/driver.hpp>

#include <git2.h>

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace gitops {

struct Remote {
    std::string url, branch;
    std::string username, password; // for https; empty: none
    std::string author_name, author_email;
};

// The branch as it was when it was last asked for; no commit: it is not there yet.
struct Tip {
    std::optional<git_oid> commit;

    bool operator==(const Tip &other) const {
        return commit && other.commit ? git_oid_equal(&*commit, &*other.commit) != 0 : !commit && !other.commit;
    }
};

struct File {
    std::string path, text;
};

// What a commit does to files: their new texts, or nothing for those that go.
using Changes = std::map<std::string, std::optional<std::string>>;

class Branch {
  public:
    // A repository in a folder of its own that goes with it. Asks no remote.
    explicit Branch(Remote remote);

    // Asks the remote. cancelled: asked while it lasts. Throws rsf::Error, as the others do.
    Tip fetch(const std::function<bool()> &cancelled);

    std::optional<std::string> read(const Tip &tip, const std::string &path) const;
    std::vector<File> files(const Tip &tip, const std::function<bool(const std::string &path)> &wanted) const;

    // One commit on top of tip. A value: the remote's words why it does not take it, which may be that the branch has moved on.
    std::optional<std::string> push(const Tip &tip, const Changes &changes, const std::string &message,
                                    const std::function<bool()> &cancelled);

  private:
    struct Close {
        void operator()(git_repository *it) const { git_repository_free(it); }
        void operator()(git_remote *it) const { git_remote_free(it); }
        void operator()(git_commit *it) const { git_commit_free(it); }
        void operator()(git_tree *it) const { git_tree_free(it); }
        void operator()(git_tree_entry *it) const { git_tree_entry_free(it); }
        void operator()(git_blob *it) const { git_blob_free(it); }
        void operator()(git_index *it) const { git_index_free(it); }
        void operator()(git_signature *it) const { git_signature_free(it); }
        void operator()(git_reference *it) const { git_reference_free(it); }
    };
    template <class Thing> using Owned = std::unique_ptr<Thing, Close>;

    Owned<git_tree> tree_of(const Tip &tip) const; // null: there is none
    std::string text_of(const git_oid &blob) const;
    git_oid commit(const Tip &tip, const Changes &changes, const std::string &message) const;
    static git_remote_callbacks callbacks(void *payload);

    struct Library {
        Library();
        ~Library();
    };
    struct Folder {
        Folder();
        ~Folder();
        std::string path;
    };

    const Library library_; // these two go last
    Folder folder_;
    const Remote remote_;
    Owned<git_repository> repository_;
    Owned<git_remote> origin_;
};

} // namespace gitops
