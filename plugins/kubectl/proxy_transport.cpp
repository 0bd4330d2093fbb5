// SPDX-License-Identifier: Apache-2.0
#include "proxy_transport.hpp"

#include "answer_check.hpp"
#include "api_path.hpp"
#include "apply_body.hpp"
#include "argument.hpp"
#include "carry_over.hpp"
#include "json_parts.hpp"
#include "list_text.hpp"
#include "posted.hpp"
#include "second_look.hpp"
#include "take_over.hpp"

#include <algorithm>

namespace rsf::kubectl {

namespace {

constexpr int most_turns = 5; // of a write that somebody else was faster than

std::string with_query(std::string path, std::initializer_list<std::pair<std::string_view, std::string_view>> query) {
    char mark = path.find('?') == path.npos ? '?' : '&';
    for (const auto &[name, value] : query) {
        if (value.empty()) continue;
        path.append(1, mark).append(name).append("=").append(percent_encoded(value));
        mark = '&';
    }
    return path;
}

// Of an object that waits to be gone: who holds it, for people.
std::string holders(const json::object &object) {
    std::string names;
    const json::object *metadata = object_at(object, "metadata");
    const json::array *finalizers = metadata ? array_at(*metadata, "finalizers") : nullptr;
    if (finalizers)
        for (const json::value &each : *finalizers)
            if (each.is_string()) names.append(names.empty() ? "" : ", ").append(each.get_string());
    return names.empty() ? "" : " It is held by its finalizers: " + names + ".";
}

bool is_true(const json::object &definition, std::string_view condition) {
    const json::object *status = object_at(definition, "status");
    const json::array *conditions = status ? array_at(*status, "conditions") : nullptr;
    return conditions && std::any_of(conditions->begin(), conditions->end(), [&](const json::value &each) {
               const json::object *object = each.if_object();
               return object && text_at(*object, "type") == condition && text_at(*object, "status") == "True";
           });
}

// "example.org/v1": the versions that a CustomResourceDefinition has, and perhaps serves.
std::vector<std::string> api_versions_of(const json::object &definition) {
    std::vector<std::string> result;
    const json::object *spec = object_at(definition, "spec");
    if (!spec) return result;
    const auto add = [&](std::string_view version) {
        if (!version.empty()) result.push_back(std::string(text_at(*spec, "group")) + "/" + std::string(version));
    };
    add(text_at(*spec, "version")); // of v1beta1
    if (const json::array *versions = array_at(*spec, "versions"))
        for (const json::value &each : *versions)
            if (const json::object *version = each.if_object()) add(text_at(*version, "name"));
    return result;
}

} // namespace

// The object of a write, and where it belongs.
struct ProxyTransport::Write {
    Posted posted;
    ApiType type;
    std::string ns; // empty: its kind has none
    std::string path() const { return type.path(ns, posted.identity.name); }
    kubernetes::Identity identity() const { return {type.api_version, type.kind, posted.identity.name, ns}; }
};

ProxyTransport::ProxyTransport(Host host, const Settings &settings, const Credentials &credentials,
                               const Environment &environment)
    : host_(host), settings_(settings), proxy_(host, settings, credentials, environment),
      client_(host, proxy_, settings, credentials), discovery_([this](const Call &call, const std::string &path) {
          ApiRequest request{"GET", path};
          request.is_patient = false;
          return client_.send(call, request).body;
      }),
      schemas_(
          [this](const Call &call, const std::string &path) {
              return client_.send(call, {"GET", path}).body;
          },
          [host](const Call &call, const std::string &text) { host.log(LogLevel::warning, text, &call); }),
      aggregation_([this](const Call &call, const std::string &name) {
          return read(call, "/apis/apiregistration.k8s.io/v1/apiservices/" + percent_encoded(name));
      }) {}

Result ProxyTransport::list(const Call &call) {
    check_type(call.type());
    check_selector(call.label_selector(), "The label selector");
    check_selector(call.field_selector(), "The field selector");
    const ApiType type = discovery_.of_word(call, call.type());
    const std::string ns = call.all_namespaces() ? std::string() : ns_of(call, type, call.ns());
    const std::string path =
        with_query(type.path(ns), {{"labelSelector", call.label_selector()}, {"fieldSelector", call.field_selector()}});
    const std::string answer = client_.send(call, {"GET", path}).body;
    check_items({type.api_version, type.kind, {}, type.namespaced ? ns : std::string()}, answer);
    std::optional<std::string> list = as_list(answer, type.api_version, type.kind);
    if (!list) throw Error(Code::internal, "The cluster answered with something that is not a list.", Retry::never);
    return Result::from_text(std::move(*list));
}

Result ProxyTransport::get(const Call &call) {
    check_type(call.type());
    check_name(call.name());
    const ApiType type = discovery_.of_word(call, call.type());
    const std::string ns = ns_of(call, type, call.ns());
    const std::string path = type.path(ns, call.name());
    std::string live = client_.send(call, {"GET", path}).body;
    check_object({type.api_version, type.kind, std::string(call.name()), ns}, live);
    return Result::from_text(std::move(live), Outcome::done, path);
}

Result ProxyTransport::create(const Call &call) {
    Write write = prepare(call);
    // The version of an object that was exported. kubectl leaves it out as well; the API server would refuse it.
    if (!metadata_text(write.posted.object, "resourceVersion").empty())
        write.posted.object.at("metadata").as_object().erase("resourceVersion");
    check_fields(call, write);
    std::string live = written(call, {"POST", write.type.path(write.ns)}, write.posted.object);
    note_written(call, write);
    if (write.posted.identity.kind == "CustomResourceDefinition" && !call.dry_run())
        wait_until_served(call, write.path(), write.posted.object);
    return Result::from_text(std::move(live), Outcome::created, write.path());
}

// As kubectl does: what is there says which version is replaced. A version that the object itself names is kept.
Result ProxyTransport::replace(const Call &call) {
    const Write write = prepare(call);
    check_fields(call, write);
    const bool is_pinned = !metadata_text(write.posted.object, "resourceVersion").empty();
    for (int turn = 1;; ++turn) {
        const json::object live = read_live(call, write);
        json::object object = write.posted.object;
        carry_over(live, own(), object);
        if (!is_pinned) object.at("metadata").as_object()["resourceVersion"] = metadata_text(live, "resourceVersion");
        try {
            ApiRequest request{"PUT", write.path()};
            request.may_repeat = !is_pinned; // the second is refused as a conflict, and the next turn makes it good
            std::string text = written(call, request, object);
            note_written(call, write);
            return Result::from_text(std::move(text), Outcome::changed, write.path());
        } catch (const Error &error) {
            // Somebody else changed it in between.
            if (error.code != Code::conflict || is_pinned || turn == most_turns) throw;
        }
    }
}

Result ProxyTransport::remove(const Call &call) {
    const std::optional<Posted> posted = read_deleted(call);
    if (!posted) return Result::from_text({}, Outcome::unchanged);
    try {
        const Write write = prepare(call);
        if (!write.type.is_kept) return Result::from_text({}, Outcome::unchanged);
        return remove(call, write);
    } catch (const Error &error) {
        if (error.code != Code::invalid) throw;
    }
    // Its kind is not there, or went since it was last looked up.
    const kubernetes::Identity &identity = posted->identity;
    const std::optional<ApiType> type = discovery_.of_deleted(call, identity.api_version, identity.kind);
    if (!type || !type->is_kept) return Result::from_text({}, Outcome::unchanged);
    if (call.dry_run()) aggregation_.check_dry_run(call, type->api_version, type->kind);
    return remove(call, {*posted, *type, ns_of(call, *type, identity.ns)});
}

Result ProxyTransport::remove(const Call &call, const Write &write) {
    std::string options = R"({"kind":"DeleteOptions","apiVersion":"v1","propagationPolicy":"Background"})";
    if (call.dry_run()) options.insert(options.size() - 1, R"(,"dryRun":["All"])");
    ApiRequest request{"DELETE", write.path(), options};
    request.may_repeat = true;
    std::string deleted;
    try {
        deleted = client_.send(call, request).body;
        check_deleted(write.identity(), deleted, call.dry_run() ? "" : " The deletion may have happened.");
    } catch (const Error &error) {
        if (error.code != Code::not_found) throw;
        return Result::from_text({}, Outcome::unchanged); // it, or its whole namespace
    }
    if (!call.dry_run()) {
        wait_until_gone(call, write, deleted);
        if (write.posted.identity.kind == "CustomResourceDefinition")
            for (const std::string &version : api_versions_of(write.posted.object)) discovery_.forget(version);
    }
    return {};
}

// https://kubernetes.io/docs/reference/using-api/server-side-apply/
Result ProxyTransport::apply(const Call &call) {
    Write write = prepare(call);
    write.posted.object = apply_body(std::move(write.posted.object), write.type.has_status);
    check_fields(call, write);
    schemas_.complete(call, {write.type.api_version, write.type.kind}, write.posted.object);
    std::optional<json::object> before = look(call, write);
    std::string text;
    if (before && call.dry_run()) {
        text = applied_as_planned(call, write, *before);
    } else {
        if (before) before = with_fields_taken_over(call, write, std::move(*before));
        text = applied(call, write, settings_.force);
    }
    const json::object after = parse_object(text, "kubectl proxy");
    note_written(call, write);
    if (!before && write.type.kind == "CustomResourceDefinition" && !call.dry_run())
        wait_until_served(call, write.path(), write.posted.object);
    const Outcome outcome = !before ? Outcome::created : same_content(*before, after) ? Outcome::unchanged : Outcome::changed;
    return Result::from_text(std::move(text), outcome, write.path());
}

std::optional<json::object> ProxyTransport::look(const Call &call, const Write &write) const {
    try {
        return read_live(call, write);
    } catch (const Error &error) {
        if (error.code != Code::not_found) throw;
        return std::nullopt;
    }
}

std::string ProxyTransport::applied(const Call &call, const Write &write, bool force) const {
    ApiRequest request{"PATCH", with_query(write.path(), {{"force", force ? "true" : "false"}})};
    request.content_type = "application/apply-patch+yaml"; // JSON is YAML
    request.may_repeat = true;
    return written(call, request, write.posted.object);
}

// live, once the fields of this driver's own updates are those of its applies.
json::object ProxyTransport::with_fields_taken_over(const Call &call, const Write &write, json::object live) const {
    for (int turn = 1;; ++turn) {
        std::optional<json::array> managers = taken_over(live, own());
        if (!managers) return live;
        ApiRequest request{"PATCH", write.path()};
        request.content_type = "application/json-patch+json";
        try {
            const std::string patch = json_text(patch_of_managers(live, std::move(*managers)));
            return parse_object(sent(call, request, patch), "kubectl proxy");
        } catch (const Error &error) {
            if (error.code != Code::conflict || turn == most_turns) throw;
        }
        live = read_live(call, write);
    }
}

// A dry run can't take fields over before it applies. So it is done with force where only the driver itself is in its way, and
// what it would have taken away is taken out afterwards. A cluster may refuse the old and the new fields together, such as two
// ports without names: then it is asked about the new ones alone, as a replace.
std::string ProxyTransport::applied_as_planned(const Call &call, const Write &write, const json::object &live) const {
    std::string text;
    try {
        text = applied_over_own(call, write);
    } catch (const Error &error) {
        if (error.code != Code::invalid || !taken_over(live, own())) throw;
        return written(call, {"PUT", write.path()}, applied_alone(live, write.posted.object, own()));
    }
    json::object object = parse_object(text, "kubectl proxy");
    const json::object gone = given_up(live, object, own());
    if (gone.empty()) return text;
    take_out(gone, object);
    return written(call, {"PUT", write.path()}, replacing(live, std::move(object), own()));
}

std::string ProxyTransport::applied_over_own(const Call &call, const Write &write) const {
    try {
        return applied(call, write, settings_.force);
    } catch (const Error &error) {
        if (error.code != Code::conflict || !conflicts_with_own_only(error.what(), own())) throw;
        return applied(call, write, true);
    }
}

std::vector<Before> ProxyTransport::order(std::string_view ns, const std::vector<Resource> &resources) {
    return kubernetes::order(ns.empty() ? client_.known_namespace() : std::string(ns), resources);
}

ProxyTransport::Write ProxyTransport::prepare(const Call &call) {
    Write write{read_posted(call), {}, {}};
    const kubernetes::Identity &identity = write.posted.identity;
    write.type = discovery_.of_object(call, identity.api_version, identity.kind);
    write.ns = ns_of(call, write.type, identity.ns);
    if (call.dry_run()) aggregation_.check_dry_run(call, identity.api_version, identity.kind);
    return write;
}

// Where an object of the type is; empty: its type has no namespace.
std::string ProxyTransport::ns_of(const Call &call, const ApiType &type, std::string_view ns) const {
    if (!type.namespaced) return {};
    std::string found = ns.empty() ? client_.default_namespace(call) : std::string(ns);
    check_namespace(found);
    return found;
}

json::object ProxyTransport::read(const Call &call, const std::string &path) const {
    return parse_object(client_.send(call, {"GET", path}).body, "kubectl proxy");
}

// The object of write, as the cluster holds it.
json::object ProxyTransport::read_live(const Call &call, const Write &write) const {
    const std::string text = client_.send(call, {"GET", write.path()}).body;
    check_object(write.identity(), text);
    return parse_object(text, "kubectl proxy");
}

// Sends object as request says, but for its body and what every write has in its query.
std::string ProxyTransport::written(const Call &call, const ApiRequest &how, const json::object &object) const {
    return sent(call, how, json_text(object));
}

std::string ProxyTransport::sent(const Call &call, const ApiRequest &how, const std::string &body) const {
    ApiRequest request = how;
    request.path = with_query(
        request.path,
        {{"dryRun", call.dry_run() ? "All" : ""}, {"fieldManager", settings_.field_manager}, {"fieldValidation", "Strict"}});
    request.body = body;
    return client_.send(call, request).body;
}

void ProxyTransport::check_fields(const Call &call, const Write &write) {
    schemas_.check(call, {write.type.api_version, write.type.kind, write.type.plural}, write.posted.object);
}

// A definition that changed may have changed what its kind has.
void ProxyTransport::note_written(const Call &call, const Write &write) {
    if (write.type.kind != "CustomResourceDefinition" || call.dry_run()) return;
    schemas_.forget_custom();
    for (const std::string &version : api_versions_of(write.posted.object)) discovery_.forget(version);
}

// deleted: what the deletion was answered with: the object, if it waits for something, or a Status.
void ProxyTransport::wait_until_gone(const Call &call, const Write &write, std::string_view deleted) const {
    const json::object answer = parse_object(deleted, "kubectl proxy");
    if (text_at(answer, "kind") == "Status") return; // it is gone already
    const std::string uid(metadata_text(answer, "uid"));
    std::string held;
    for (int turn = 0;; ++turn) {
        try {
            const json::object live = read_live(call, write);
            if (!uid.empty() && metadata_text(live, "uid") != uid) return; // another one of that name
            held = holders(live);
            ApiClient::pause(call, turn);
        } catch (const Error &error) {
            if (error.code == Code::not_found) return;
            if (error.code == Code::forbidden) {
                host_.log(LogLevel::warning, std::string("Whether a deleted object is gone can't be seen: ") + error.what(),
                          &call);
                return;
            }
            if (error.code != Code::timeout) throw;
            throw Error(Code::timeout, "The deletion was accepted, but the object is not gone yet." + held, Retry::later);
        }
    }
}

// Objects of its kind are refused before the definition is established, and not found before its group lists them.
void ProxyTransport::wait_until_served(const Call &call, const std::string &path, const json::object &definition) {
    const json::object *spec = object_at(definition, "spec");
    const json::object *names = spec ? object_at(*spec, "names") : nullptr;
    const std::string name = path.substr(path.rfind('/') + 1);
    const bool is_in_force = wait_until_in_force(host_, call, name, [&] {
        for (int turn = 0; !is_true(read(call, path), "Established"); ++turn) ApiClient::pause(call, turn);
    });
    if (!is_in_force) return;
    for (const std::string &version : api_versions_of(definition)) discovery_.forget(version);
    if (!names) return;
    const json::array *versions = array_at(*spec, "versions");
    if (!versions) return;
    for (const json::value &each : *versions) {
        const json::object *version = each.if_object();
        const json::value *served = version ? version->if_contains("served") : nullptr;
        if (!served || !served->is_bool() || !served->get_bool()) continue;
        const std::string api_version = std::string(text_at(*spec, "group")) + "/" + std::string(text_at(*version, "name"));
        if (kubernetes::fault_of_api_version(api_version)) continue;
        for (int turn = 0;; ++turn) {
            try {
                discovery_.of_object(call, api_version, text_at(*names, "kind"));
                break;
            } catch (const Error &error) {
                if (error.code != Code::invalid) throw;
                ApiClient::pause(call, turn);
                discovery_.forget(api_version);
            }
        }
    }
}

} // namespace rsf::kubectl
