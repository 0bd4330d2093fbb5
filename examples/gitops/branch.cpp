// SPDX-License-Identifier: Apache-2.0
#include "branch.hpp"

#include <cstdlib>
#include <filesystem>

namespace gitops {

namespace {

using rsf::Code;
using rsf::Error;
using rsf::Retry;

constexpr const char *kept_as = "refs/remotes/origin/branch";
constexpr const char *pushed_from = "refs/heads/pushed";

// What libgit2's callbacks are given.
struct Payload {
    const Remote &remote;
    const std::function<bool()> &cancelled;
    bool asked = false; // for credentials: the same ones will not do better again
    std::string refused;
};

[[noreturn]] void fail(int code, const std::string &what) {
    const git_error *last = git_error_last();
    const std::string message = what + ": " + (last && last->message ? last->message : "libgit2 does not say why") + ".";
    if (code == GIT_EUSER)
        throw Error(Code::cancelled, "The call was cancelled, or its time was over, while the repository was asked.");
    if (code == GIT_EAUTH) throw Error(Code::unauthorized, message, Retry::never);
    if (last && (last->klass == GIT_ERROR_NET || last->klass == GIT_ERROR_SSL || last->klass == GIT_ERROR_HTTP ||
                 last->klass == GIT_ERROR_SSH || last->klass == GIT_ERROR_OS))
        throw Error(Code::unavailable, message, Retry::later);
    throw Error(Code::internal, message);
}

void check(int code, const std::string &what) {
    if (code < 0) fail(code, what);
}

int on_progress(const git_indexer_progress *, void *payload) {
    return static_cast<Payload *>(payload)->cancelled() ? GIT_EUSER : 0;
}

int on_push(unsigned, unsigned, std::size_t, void *payload) {
    return static_cast<Payload *>(payload)->cancelled() ? GIT_EUSER : 0;
}

int on_words(const char *, int, void *payload) { return static_cast<Payload *>(payload)->cancelled() ? GIT_EUSER : 0; }

int on_credentials(git_credential **made, const char *, const char *, unsigned allowed, void *data) {
    auto &payload = *static_cast<Payload *>(data);
    if (payload.asked || payload.remote.password.empty() || (allowed & GIT_CREDENTIAL_USERPASS_PLAINTEXT) == 0) return GIT_EAUTH;
    payload.asked = true;
    return git_credential_userpass_plaintext_new(made, payload.remote.username.c_str(), payload.remote.password.c_str());
}

int on_update(const char *, const char *status, void *payload) {
    if (status) static_cast<Payload *>(payload)->refused = status;
    return 0;
}

} // namespace

Branch::Library::Library() {
    git_libgit2_init();
#if LIBGIT2_VER_MAJOR > 1 || LIBGIT2_VER_MINOR >= 7 // before, a server that falls silent keeps the call
    git_libgit2_opts(GIT_OPT_SET_SERVER_CONNECT_TIMEOUT, 10'000);
    git_libgit2_opts(GIT_OPT_SET_SERVER_TIMEOUT, 30'000);
#endif
}

Branch::Library::~Library() { git_libgit2_shutdown(); }

Branch::Folder::Folder() : path((std::filesystem::temp_directory_path() / "resourcifier-gitops-XXXXXX").string()) {
    if (!::mkdtemp(path.data())) throw Error(Code::internal, "No folder can be made in " + path + ".");
}

Branch::Folder::~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
}

Branch::Branch(Remote remote) : remote_(std::move(remote)) {
    git_repository *repository = nullptr;
    check(git_repository_init(&repository, folder_.path.c_str(), true), "The repository can't be made");
    repository_.reset(repository);
    git_remote *origin = nullptr;
    check(git_remote_create_anonymous(&origin, repository, remote_.url.c_str()), "The setting url can't be used");
    origin_.reset(origin);
}

git_remote_callbacks Branch::callbacks(void *payload) {
    git_remote_callbacks made = GIT_REMOTE_CALLBACKS_INIT;
    made.payload = payload;
    made.transfer_progress = on_progress;
    made.push_transfer_progress = on_push;
    made.sideband_progress = on_words;
    made.credentials = on_credentials;
    made.push_update_reference = on_update;
    return made;
}

Tip Branch::fetch(const std::function<bool()> &cancelled) {
    Payload payload{remote_, cancelled, false, {}};
    git_fetch_options options = GIT_FETCH_OPTIONS_INIT;
    options.callbacks = callbacks(&payload);
    options.prune = GIT_FETCH_PRUNE;
    options.download_tags = GIT_REMOTE_DOWNLOAD_TAGS_NONE;
    std::string refspec = "+refs/heads/" + remote_.branch + ":" + kept_as;
    char *text = refspec.data();
    const git_strarray refspecs{&text, 1};
    check(git_remote_fetch(origin_.get(), &refspecs, &options, nullptr), "The repository " + remote_.url + " can't be read");
    Tip tip;
    git_oid commit;
    const int code = git_reference_name_to_id(&commit, repository_.get(), kept_as);
    if (code == GIT_ENOTFOUND) return tip;
    check(code, "The branch can't be found");
    tip.commit = commit;
    return tip;
}

Branch::Owned<git_tree> Branch::tree_of(const Tip &tip) const {
    if (!tip.commit) return nullptr;
    git_commit *commit = nullptr;
    check(git_commit_lookup(&commit, repository_.get(), &*tip.commit), "The branch's commit can't be read");
    const Owned<git_commit> owned(commit);
    git_tree *tree = nullptr;
    check(git_commit_tree(&tree, commit), "The branch's files can't be read");
    return Owned<git_tree>(tree);
}

std::string Branch::text_of(const git_oid &id) const {
    git_blob *blob = nullptr;
    check(git_blob_lookup(&blob, repository_.get(), &id), "A file of the branch can't be read");
    const Owned<git_blob> owned(blob);
    return {static_cast<const char *>(git_blob_rawcontent(blob)), static_cast<std::size_t>(git_blob_rawsize(blob))};
}

std::optional<std::string> Branch::read(const Tip &tip, const std::string &path) const {
    const Owned<git_tree> tree = tree_of(tip);
    if (!tree) return std::nullopt;
    git_tree_entry *entry = nullptr;
    const int code = git_tree_entry_bypath(&entry, tree.get(), path.c_str());
    if (code == GIT_ENOTFOUND) return std::nullopt;
    check(code, "The file " + path + " can't be read");
    const Owned<git_tree_entry> owned(entry);
    if (git_tree_entry_type(entry) != GIT_OBJECT_BLOB) return std::nullopt;
    return text_of(*git_tree_entry_id(entry));
}

std::vector<File> Branch::files(const Tip &tip, const std::function<bool(const std::string &path)> &wanted) const {
    struct Found {
        const std::function<bool(const std::string &)> &wanted;
        std::vector<std::pair<std::string, git_oid>> blobs;
    } found{wanted, {}};
    if (const Owned<git_tree> tree = tree_of(tip)) {
        const auto note = [](const char *root, const git_tree_entry *entry, void *data) {
            auto &into = *static_cast<Found *>(data);
            std::string path = std::string(root) + git_tree_entry_name(entry);
            if (git_tree_entry_type(entry) == GIT_OBJECT_BLOB && into.wanted(path))
                into.blobs.emplace_back(std::move(path), *git_tree_entry_id(entry));
            return 0;
        };
        check(git_tree_walk(tree.get(), GIT_TREEWALK_PRE, note, &found), "The branch's files can't be listed");
    }
    std::vector<File> files;
    for (const auto &[path, id] : found.blobs) files.push_back({path, text_of(id)});
    return files;
}

git_oid Branch::commit(const Tip &tip, const Changes &changes, const std::string &message) const {
    git_index *index = nullptr;
    check(git_index_new(&index), "No index can be made");
    const Owned<git_index> owned_index(index);
    if (const Owned<git_tree> tree = tree_of(tip))
        check(git_index_read_tree(index, tree.get()), "The branch's files can't be read");
    for (const auto &[path, text] : changes) {
        if (!text) {
            check(git_index_remove(index, path.c_str(), 0), "The file " + path + " can't be removed");
            continue;
        }
        git_index_entry entry{};
        entry.path = path.c_str();
        entry.mode = GIT_FILEMODE_BLOB;
        check(git_blob_create_from_buffer(&entry.id, repository_.get(), text->data(), text->size()),
              "The file " + path + " can't be written");
        check(git_index_add(index, &entry), "The file " + path + " can't be put into the branch");
    }
    git_oid tree_id;
    check(git_index_write_tree_to(&tree_id, index, repository_.get()), "The files can't be written");
    git_tree *tree = nullptr;
    check(git_tree_lookup(&tree, repository_.get(), &tree_id), "The files can't be read back");
    const Owned<git_tree> owned_tree(tree);
    git_signature *author = nullptr;
    check(git_signature_now(&author, remote_.author_name.c_str(), remote_.author_email.c_str()),
          "The settings author_name and author_email can't be used");
    const Owned<git_signature> owned_author(author);
    git_commit *parent = nullptr;
    if (tip.commit) check(git_commit_lookup(&parent, repository_.get(), &*tip.commit), "The branch's commit can't be read");
    const Owned<git_commit> owned_parent(parent);
    const git_commit *parents[] = {parent};
    git_oid made;
    check(git_commit_create(&made, repository_.get(), nullptr, author, author, "UTF-8", message.c_str(), tree, parent ? 1 : 0,
                            parents),
          "The commit can't be made");
    return made;
}

std::optional<std::string> Branch::push(const Tip &tip, const Changes &changes, const std::string &message,
                                        const std::function<bool()> &cancelled) {
    const git_oid made = commit(tip, changes, message);
    git_reference *reference = nullptr;
    check(git_reference_create(&reference, repository_.get(), pushed_from, &made, true, nullptr), "The commit can't be named");
    const Owned<git_reference> owned(reference);
    Payload payload{remote_, cancelled, false, {}};
    git_push_options options = GIT_PUSH_OPTIONS_INIT;
    options.callbacks = callbacks(&payload);
    std::string refspec = std::string(pushed_from) + ":refs/heads/" + remote_.branch; // no '+': what others pushed is not lost
    char *text = refspec.data();
    const git_strarray refspecs{&text, 1};
    const int code = git_remote_push(origin_.get(), &refspecs, &options);
    if (code == GIT_ENONFASTFORWARD) return "it is not what it was";
    check(code, "The repository " + remote_.url + " does not take the commit");
    return payload.refused.empty() ? std::nullopt : std::optional(payload.refused);
}

} // namespace gitops
