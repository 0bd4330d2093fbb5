// SPDX-License-Identifier: Apache-2.0
//
// Applies over the proxy: https://kubernetes.io/docs/reference/using-api/server-side-apply/
#include "proxy_transport.hpp"

#include "api_path.hpp"
#include "apply_body.hpp"
#include "error_text.hpp"
#include "json_parts.hpp"
#include "take_over.hpp"

namespace rsf::kubectl {

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
        return put_planned(call, write, applied_alone(live, write.posted.object, own()));
    }
    json::object object = parse_object(text, "kubectl proxy");
    const json::object gone = given_up(live, object, own());
    if (gone.empty()) return text;
    take_out(gone, object);
    return put_planned(call, write, replacing(live, std::move(object), own()));
}

// Nothing is written: so what somebody else changed since the object was read is of no matter, but for the version.
std::string ProxyTransport::put_planned(const Call &call, const Write &write, json::object object) const {
    for (int turn = 1;; ++turn) {
        try {
            return written(call, {"PUT", write.path()}, object);
        } catch (const Error &error) {
            if (!is_overtaken(error) || turn == most_turns) throw;
        }
        object.at("metadata").as_object()["resourceVersion"] = metadata_text(read_live(call, write), "resourceVersion");
    }
}

std::string ProxyTransport::applied_over_own(const Call &call, const Write &write) const {
    try {
        return applied(call, write, settings_.force);
    } catch (const Error &error) {
        if (error.code != Code::conflict || !conflicts_with_own_only(error.what(), own())) throw;
        return applied(call, write, true);
    }
}

} // namespace rsf::kubectl
