// SPDX-License-Identifier: Apache-2.0
#include "proxy_transport.hpp"

#include "argument.hpp"
#include "json_parts.hpp"
#include "posted.hpp"
#include "second_look.hpp"

#include <algorithm>
#include <charconv>

namespace rsf::kubectl {

namespace {

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

// As `kubectl get --output=json` writes a list: its items say what they are.
std::string as_list(json::object answer, const ApiType &type) {
    json::value *items = answer.if_contains("items");
    if (!items || !items->is_array())
        throw Error(Code::internal, "The cluster answered with something that is not a list.", Retry::never);
    for (json::value &item : items->get_array())
        if (json::object *object = item.if_object()) {
            (*object)["apiVersion"] = type.api_version;
            (*object)["kind"] = type.kind;
        }
    return json::serialize(json::object{{"apiVersion", "v1"},
                                        {"items", std::move(*items)},
                                        {"kind", "List"},
                                        {"metadata", {{"resourceVersion", ""}, {"selfLink", ""}}}});
}

} // namespace

// The object of a write, and where it belongs.
struct ProxyTransport::Write {
    Posted posted;
    ApiType type;
    std::string ns; // empty: its kind has none
    std::string path() const { return type.path(ns, posted.identity.name); }
};

ProxyTransport::ProxyTransport(Host host, const Settings &settings, const Credentials &credentials,
                               const Environment &environment)
    : host_(host), settings_(settings), proxy_(host, settings, credentials, environment),
      client_(host, proxy_, settings, credentials), discovery_([this](const Call &call, const std::string &path) {
          ApiRequest request{"GET", path};
          request.is_patient = false;
          return client_.send(call, request).body;
      }) {}

Result ProxyTransport::list(const Call &call) {
    check_type(call.type());
    check_selector(call.label_selector(), "The label selector");
    check_selector(call.field_selector(), "The field selector");
    const ApiType type = discovery_.of_word(call, call.type());
    const std::string ns = call.all_namespaces() ? std::string() : ns_of(call, type, call.ns());
    const std::string path =
        with_query(type.path(ns), {{"labelSelector", call.label_selector()}, {"fieldSelector", call.field_selector()}});
    return Result::from_text(as_list(read(call, path), type));
}

Result ProxyTransport::get(const Call &call) {
    check_type(call.type());
    check_name(call.name());
    const ApiType type = discovery_.of_word(call, call.type());
    const std::string path = type.path(ns_of(call, type, call.ns()), call.name());
    return Result::from_text(client_.send(call, {"GET", path}).body, Outcome::done, path);
}

Result ProxyTransport::create(const Call &call) {
    Write write = prepare(call);
    check_fields(call, write);
    std::string live = written(call, {"POST", write.type.path(write.ns)}, write.posted.object);
    if (write.posted.identity.kind == "CustomResourceDefinition" && !call.dry_run())
        wait_until_served(call, write.path(), write.posted.object);
    return Result::from_text(std::move(live), Outcome::created, write.path());
}

// As kubectl does: what is there says which version is replaced. A version that the object itself names is kept.
Result ProxyTransport::replace(const Call &call) {
    Write write = prepare(call);
    check_fields(call, write);
    json::object &object = write.posted.object;
    json::object &metadata = object.at("metadata").as_object();
    const bool is_pinned = !text_at(metadata, "resourceVersion").empty();
    constexpr int most_turns = 5;
    for (int turn = 1;; ++turn) {
        const json::object live = read(call, write.path());
        if (!is_pinned) metadata["resourceVersion"] = live.at("metadata").at("resourceVersion");
        if (has_something_to_carry_over(write.posted)) carry_over(live, object);
        try {
            ApiRequest request{"PUT", write.path()};
            request.may_repeat = !is_pinned; // the second is refused as a conflict, and the next turn makes it good
            return Result::from_text(written(call, request, object), Outcome::changed, write.path());
        } catch (const Error &error) {
            // Somebody else changed it in between.
            if (error.code != Code::conflict || is_pinned || turn == most_turns) throw;
        }
    }
}

Result ProxyTransport::remove(const Call &call) {
    const Write write = prepare(call);
    std::string options = R"({"kind":"DeleteOptions","apiVersion":"v1","propagationPolicy":"Background"})";
    if (call.dry_run()) options.insert(options.size() - 1, R"(,"dryRun":["All"])");
    ApiRequest request{"DELETE", write.path(), options};
    request.may_repeat = true;
    std::string deleted;
    try {
        deleted = client_.send(call, request).body;
    } catch (const Error &error) {
        if (error.code != Code::not_found) throw;
        if (!write.ns.empty())
            check_namespace_exists(write.ns, [&] {
                client_.send(call, {"GET", "/api/v1/namespaces/" + percent_encoded(write.ns)});
            });
        return Result::from_text({}, Outcome::unchanged);
    }
    if (!call.dry_run()) {
        wait_until_gone(call, write.path(), deleted);
        if (write.posted.identity.kind == "CustomResourceDefinition") discovery_.forget();
    }
    return {};
}

// https://kubernetes.io/docs/reference/using-api/server-side-apply/. What was there tells whether anything changed: an apply that
// changes nothing leaves the version as it is.
Result ProxyTransport::apply(const Call &call) {
    const Write write = prepare(call);
    check_fields(call, write);
    std::optional<json::object> before;
    try {
        before = read(call, write.path());
    } catch (const Error &error) {
        if (error.code != Code::not_found) throw;
    }
    ApiRequest request{"PATCH", with_query(write.path(), {{"force", settings_.force ? "true" : "false"}})};
    request.content_type = "application/apply-patch+yaml"; // JSON is YAML
    request.may_repeat = true;
    std::string text = written(call, request, write.posted.object);
    const json::object after = parse_object(text, "kubectl proxy");
    if (!before && write.type.kind == "CustomResourceDefinition" && !call.dry_run())
        wait_until_served(call, write.path(), write.posted.object);
    const Outcome outcome = !before ? Outcome::created : same_version(*before, after) ? Outcome::unchanged : Outcome::changed;
    return Result::from_text(std::move(text), outcome, write.path());
}

ProxyTransport::Write ProxyTransport::prepare(const Call &call) {
    Write write{read_posted(call), {}, {}};
    const kubernetes::Identity &identity = write.posted.identity;
    write.type = discovery_.of_object(call, identity.api_version, identity.kind);
    write.ns = ns_of(call, write.type, identity.ns);
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

// Sends object as request says, but for its body and what every write has in its query.
std::string ProxyTransport::written(const Call &call, const ApiRequest &how, const json::object &object) const {
    const std::string body = json::serialize(object);
    ApiRequest request = how;
    request.path = with_query(
        request.path,
        {{"dryRun", call.dry_run() ? "All" : ""}, {"fieldManager", settings_.field_manager}, {"fieldValidation", "Strict"}});
    request.body = body;
    return client_.send(call, request).body;
}

void ProxyTransport::check_fields(const Call &call, const Write &write) {
    std::call_once(field_check_loaded_, [&] { load_field_check(call); });
    if (!field_check_) return;
    const std::string field = field_check_->unknown_field(write.type.api_version, write.type.kind, write.posted.object);
    if (!field.empty())
        throw Error(Code::invalid,
                    "The cluster refuses it: " + write.type.kind + " has no such field: unknown field " + in_quotes(field) + ".",
                    Retry::never, {},
                    json::object{{"causes", json::array{json::object{{"field", field}, {"message", "unknown field"}}}}});
}

// Throws when the cluster could not be asked; then the next call does.
void ProxyTransport::load_field_check(const Call &call) {
    constexpr int checks_by_itself = 25; // the minor version from which on it does
    try {
        const json::object version = read(call, "/version");
        const std::string_view minor = text_at(version, "minor"); // "20", "27+"
        int number = 0;
        std::from_chars(minor.data(), minor.data() + minor.size(), number);
        if (text_at(version, "major") == "1" && number < checks_by_itself) field_check_.emplace(read(call, "/openapi/v2"));
    } catch (const Error &error) {
        if (error.code != Code::forbidden && error.code != Code::not_found) throw;
        host_.log(LogLevel::warning, std::string("Objects are not checked for unknown fields: ") + error.what(), &call);
    }
}

// deleted: what the deletion was answered with: the object, if it waits for something, or a Status.
void ProxyTransport::wait_until_gone(const Call &call, const std::string &path, std::string_view deleted) const {
    const json::object answer = parse_object(deleted, "kubectl proxy");
    if (text_at(answer, "kind") == "Status") return; // it is gone already
    const std::string uid(metadata_text(answer, "uid"));
    std::string held;
    for (int turn = 0;; ++turn) {
        try {
            const json::object live = read(call, path);
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
    discovery_.forget();
    if (!names) return;
    const json::array *versions = array_at(*spec, "versions");
    if (!versions) return;
    for (const json::value &each : *versions) {
        const json::object *version = each.if_object();
        const json::value *served = version ? version->if_contains("served") : nullptr;
        if (!served || !served->is_bool() || !served->get_bool()) continue;
        const std::string api_version = std::string(text_at(*spec, "group")) + "/" + std::string(text_at(*version, "name"));
        for (int turn = 0;; ++turn) {
            try {
                discovery_.of_object(call, api_version, text_at(*names, "kind"));
                break;
            } catch (const Error &error) {
                if (error.code != Code::invalid) throw;
                ApiClient::pause(call, turn);
            }
        }
    }
}

} // namespace rsf::kubectl
