// SPDX-License-Identifier: Apache-2.0
#include "proxy_transport.hpp"

#include "answer_check.hpp"
#include "api_path.hpp"
#include "argument.hpp"
#include "carry_over.hpp"
#include "definition_state.hpp"
#include "error_text.hpp"
#include "json_parts.hpp"
#include "second_look.hpp"

#include <algorithm>

namespace rsf::kubectl {

namespace {

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

} // namespace

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
        if (error.code != Code::invalid && !is_no_such_type(error)) throw; // of a dry run it is told as of a read
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
        if (error.code != Code::not_found || is_no_such_type(error)) throw;
        return Result::from_text({}, Outcome::unchanged); // it, or its whole namespace
    }
    if (!call.dry_run()) {
        wait_until_gone(call, write, deleted);
        if (write.posted.identity.kind == "CustomResourceDefinition")
            for (const std::string &version : api_versions_of(write.posted.object)) discovery_.forget(version);
    }
    return {};
}

std::vector<Before> ProxyTransport::order(std::string_view ns, const std::vector<Resource> &resources) {
    return kubernetes::order(ns.empty() ? client_.known_namespace() : std::string(ns), resources);
}

ProxyTransport::Write ProxyTransport::prepare(const Call &call) {
    Write write{read_posted(call), {}, {}};
    const kubernetes::Identity &identity = write.posted.identity;
    write.type = discovery_.of_object(call, identity.api_version, identity.kind);
    if (!write.type.is_kept && (call.verb() == RSF_REPLACE || call.verb() == RSF_APPLY))
        throw never_stored(Code::unsupported, identity.kind);
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
    const bool is_seen = wait_until_in_force(host_, call, name, [&] {
        for (int turn = 0; !is_in_force(read(call, path)); ++turn) ApiClient::pause(call, turn);
    });
    if (!is_seen) return;
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
