// SPDX-License-Identifier: Apache-2.0
//
// Deploys to a branch of a git repository that Flux or Argo CD watches: whoever runs the daemon needs no credentials of the
// cluster's. An object is the file NAMESPACE/KIND/NAME.yaml; what is written at once is one commit. Nothing that others pushed is
// lost: a commit that comes too late is made anew on top of theirs.
#include "branch.hpp"
#include "manifest.hpp"

#include <resourcifier/kubernetes.hpp>

#include <algorithm>
#include <random>
#include <thread>

namespace gitops {

namespace {

using rsf::Call;
using rsf::Code;
using rsf::Error;
using rsf::Outcome;
using rsf::Result;
using rsf::Retry;
namespace json = rsf::json;

constexpr const char *settings_schema = R"({
  "type": "object",
  "required": ["url"],
  "properties": {
    "url": {"type": "string", "minLength": 1, "description": "The repository, as git clone takes it: https://…, ssh://…, or a path."},
    "branch": {"type": "string", "default": "main", "pattern": "[A-Za-z0-9][A-Za-z0-9._/-]*", "description": "The branch that is watched. It is made when it is not there."},
    "namespace": {"type": "string", "default": "default", "description": "For requests and objects that name none."},
    "secrets": {"type": "boolean", "default": false, "description": "Take objects of kind Secret, which everybody who can read the repository can read."},
    "username": {"type": "string", "default": "git", "description": "For https."},
    "password": {"type": "string", "default": "", "writeOnly": true, "description": "For https: a password, or a token."},
    "author_name": {"type": "string", "default": "resourcifier", "minLength": 1, "description": "Who the commits are by."},
    "author_email": {"type": "string", "default": "resourcifier@localhost", "minLength": 1, "description": "Who the commits are by."}
  }
})";

// Between tries to be first: about so long, and more each time.
constexpr std::chrono::milliseconds pause{20};

std::string text_at(const json::object &settings, const char *key) { return std::string(settings.at(key).as_string()); }

// What objects that are in no namespace are filed under; no namespace is called so.
constexpr const char *cluster_wide = "_cluster";

class Gitops : public rsf::Driver {
  public:
    static constexpr rsf::Description description{"gitops",
                                                  "1.0.0",
                                                  "resourcifier",
                                                  "https://fluxcd.io",
                                                  "commits to a branch that Flux or Argo CD watches",
                                                  settings_schema,
                                                  false,
                                                  true,
                                                  R"([{"types": ["Secret"], "paths": ["/data", "/stringData"]}])"};

    Gitops(rsf::Host host, const json::object &settings)
        : host_(host), ns_(text_at(settings, "namespace")), takes_secrets_(settings.at("secrets").as_bool()),
          branch_({text_at(settings, "url"), text_at(settings, "branch"), text_at(settings, "username"),
                   text_at(settings, "password"), text_at(settings, "author_name"), text_at(settings, "author_email")}) {}

    Result list(const Call &call) override {
        if (!call.label_selector().empty() || !call.field_selector().empty())
            throw Error(Code::unsupported, "A repository lists by type and namespace, not by selectors.", Retry::never);
        const std::string folder = folder_of_type(call.type());
        const rsf::kubernetes::Kind *kind = rsf::kubernetes::find_kind(call.type());
        const std::string ns = kind && !kind->namespaced ? cluster_wide : checked_namespace(call.ns().empty() ? ns_ : call.ns());
        json::array items;
        const Tip tip = branch_.fetch(cancelled(call));
        const std::string within = "/" + folder + "/", below = call.all_namespaces() ? "" : ns + within;
        const auto wanted = [&](const std::string &path) {
            return path.compare(0, below.size(), below) == 0 && path.find(within) != path.npos && path.size() > 5 &&
                   path.compare(path.size() - 5, 5, ".yaml") == 0;
        };
        for (const File &file : branch_.files(tip, wanted)) items.push_back(read_manifest(file.text, file.path));
        return json::object{{"kind", "List"}, {"apiVersion", "v1"}, {"items", std::move(items)}};
    }

    Result get(const Call &call) override {
        const rsf::kubernetes::Kind *kind = rsf::kubernetes::find_kind(call.type());
        const std::string ns = kind && !kind->namespaced ? cluster_wide : checked_namespace(call.ns().empty() ? ns_ : call.ns());
        const std::string path = path_of(ns, folder_of_type(call.type()), call.name());
        const Tip tip = branch_.fetch(cancelled(call));
        const std::optional<std::string> text = branch_.read(tip, path);
        if (!text) throw absent(path);
        return Result(read_manifest(*text, path), Outcome::done, path);
    }

    Result create(const Call &call) override { return alone(call); }
    Result replace(const Call &call) override { return alone(call); }
    Result remove(const Call &call) override { return alone(call); }

    std::vector<rsf::BatchAnswer> batch(const std::vector<Call> &calls) override {
        std::vector<rsf::BatchAnswer> answers;
        std::optional<Tip> last; // on which a commit was refused,
        int same = 0;            // and how often since then
        for (int tries = 1; !calls.front().cancelled(); ++tries) {
            const Tip tip = branch_.fetch(cancelled(calls.front()));
            Changes changes;
            std::string done;
            answers.clear();
            for (const Call &call : calls) {
                try {
                    answers.emplace_back(perform(call, tip, changes, done));
                } catch (const Error &error) {
                    answers.emplace_back(error);
                }
            }
            if (changes.empty() || calls.front().dry_run()) return answers;
            const std::optional<std::string> refused =
                branch_.push(tip, changes, message(calls.front(), changes.size(), done), cancelled(calls.front()));
            if (!refused) return answers;
            // Others were faster: it is made anew on top of theirs, as long as there is time. Or else it is refused for good.
            same = tip == last ? same + 1 : 0;
            if (same == 3)
                throw Error(Code::forbidden, "The repository does not take the commit: " + *refused + ".", Retry::never);
            last = tip;
            std::this_thread::sleep_for(pause * tries * (1 + random_() % 4) / 2);
        }
        throw Error(Code::timeout, "The call's time was over, or it was cancelled, before a commit was first on the branch.",
                    Retry::later);
    }

    std::vector<rsf::Before> order(std::string_view ns, const std::vector<rsf::Resource> &resources) override {
        return rsf::kubernetes::order(ns.empty() ? std::string_view(ns_) : ns, resources);
    }

  private:
    Result alone(const Call &call) {
        rsf::BatchAnswer answer = std::move(batch({call}).front());
        if (const auto *error = std::get_if<Error>(&answer)) throw Error(*error);
        return std::get<Result>(std::move(answer));
    }

    // What call makes of the files, after what is in changes already. done: grows by a line for the commit.
    Result perform(const Call &call, const Tip &tip, Changes &changes, std::string &done) const {
        json::object object = call.object();
        rsf::kubernetes::Deletion who;
        if (call.verb() == RSF_DELETE)
            who = rsf::kubernetes::identify_to_delete(object, call.type(), call.name(), call.ns());
        else
            who.identity = rsf::kubernetes::identify(object, call.type(), call.name(), call.ns());
        if (!who.identity) return Result::from_text({}, Outcome::unchanged); // it can't be there
        rsf::kubernetes::Identity &identity = *who.identity;
        if (identity.kind == "Secret" && identity.api_version == "v1" && !takes_secrets_ && call.verb() != RSF_DELETE)
            throw Error(
                Code::forbidden,
                "Everybody who can read the repository could read this Secret: seal it, or allow it with the setting secrets.",
                Retry::never);
        const rsf::kubernetes::Kind *kind = rsf::kubernetes::find_kind(identity.api_version, identity.kind);
        const bool in_namespace = !kind || kind->namespaced;
        if (in_namespace && identity.ns.empty()) identity.ns = ns_;
        if (in_namespace) object["metadata"].as_object()["namespace"] = identity.ns;
        const std::string group = std::string(kind ? "" : rsf::kubernetes::split_api_version(identity.api_version).group);
        const std::string path = path_of(in_namespace ? checked_namespace(identity.ns) : cluster_wide,
                                         identity.kind + (group.empty() ? "" : "." + group), identity.name);
        const auto changed = changes.find(path);
        const std::optional<std::string> held = changed != changes.end() ? changed->second : branch_.read(tip, path);
        if (call.verb() == RSF_DELETE) {
            if (!held) return Result::from_text({}, Outcome::unchanged);
            changes[path] = std::nullopt;
            done += "delete " + path + "\n";
            return {};
        }
        if (call.verb() == RSF_CREATE && held)
            throw Error(Code::already_exists, "The file " + path + " is there already.", Retry::never);
        if (call.verb() == RSF_REPLACE && !held) throw absent(path);
        std::string text = write_manifest(object);
        const bool is_same = held && *held == text;
        if (!is_same) {
            changes[path] = std::move(text);
            done += (held ? "replace " : "create ") + path + "\n";
        }
        return Result(object, is_same ? Outcome::unchanged : held ? Outcome::changed : Outcome::created, path);
    }

    static std::string message(const Call &call, std::size_t count, const std::string &done) {
        const std::string first = done.substr(0, done.find('\n'));
        const std::string title = count == 1 ? first : first + " and " + std::to_string(count - 1) + " more";
        return title + "\n\n" + (count == 1 ? "" : done + "\n") + "Request: " + std::string(call.request_id()) + "\n";
    }

    static std::function<bool()> cancelled(const Call &call) {
        return [&call] { return call.cancelled(); };
    }

    // Words that come from a client become parts of a path: each exactly one, and none that a program which checks the branch out
    // can't make, or a single object would keep all others from it.
    static std::string path_of(const std::string &ns, const std::string &kind, std::string_view name) {
        const char *fault = rsf::kubernetes::fault_of_any_name(name);
        if (!fault && (name.front() == '.' || name.find_first_of(" \\") != name.npos))
            fault = "a file's name does not start with '.' and has no space and no '\\'";
        const std::string file = std::string(name) + ".yaml";
        constexpr std::size_t most = 255; // bytes of a file's name, on most systems
        if (!fault && std::max(kind.size(), file.size()) > most) fault = "its file's name would have more than 255 bytes";
        check(fault, "name", name);
        return ns + "/" + kind + "/" + file;
    }

    static std::string checked_namespace(std::string_view ns) {
        check(rsf::kubernetes::fault_of_namespace(ns), "namespace", ns);
        return std::string(ns);
    }

    // A type of the built-in ones as kubectl takes it; others as KIND.GROUP, which is how they are filed.
    static std::string folder_of_type(std::string_view type) {
        if (const rsf::kubernetes::Kind *kind = rsf::kubernetes::find_kind(type)) return std::string(kind->kind);
        const std::size_t dot = type.find('.');
        check(rsf::kubernetes::fault_of_kind(type.substr(0, dot)), "type", type);
        if (dot != type.npos) check(rsf::kubernetes::fault_of_group(type.substr(dot + 1)), "type", type);
        return std::string(type);
    }

    static void check(const char *fault, const char *what, std::string_view word) {
        if (fault)
            throw Error(Code::invalid,
                        std::string("The ") + what + " " + rsf::kubernetes::detail::in_quotes(word) +
                            " can't be one here: " + fault + ".",
                        Retry::never);
    }

    static Error absent(const std::string &path) {
        return {Code::not_found, "There is no file " + path + " in the branch.", Retry::never};
    }

    const rsf::Host host_;
    const std::string ns_;
    const bool takes_secrets_;
    Branch branch_;
    std::minstd_rand random_{std::random_device()()};
};

} // namespace

} // namespace gitops

RSF_CPP_DRIVER(gitops::Gitops)
