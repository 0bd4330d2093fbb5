// SPDX-License-Identifier: Apache-2.0
//
// Applies over the proxy: https://kubernetes.io/docs/reference/using-api/server-side-apply/
#include "kubectl/transports/proxy/proxy_transport.hpp"

#include "kubectl/api/api_path.hpp"
#include "kubectl/api/bodies/apply_body.hpp"
#include "kubectl/api/bodies/take_over.hpp"
#include "kubectl/errors/error_text.hpp"
#include "kubectl/text/json_parts.hpp"

namespace rsf::kubectl::transports {

Result ProxyTransport::apply(const Call &call) {
    Write write = prepare(call);
    write.posted.object = api::apply_body(std::move(write.posted.object), write.type.has_status);
    check_fields(call, write);
    schemas_.complete(call, {write.type.api_version, write.type.kind}, write.posted.object);
    std::optional<json::object> before = read_if_there(call, write);
    check_revision(call, write, before.value_or(json::object()));
    std::string text;
    if (before && call.dry_run()) {
        text = applied_as_planned(call, write, *before);
    } else {
        if (before) before = with_fields_taken_over(call, write, std::move(*before));
        // The take-over may have changed the revision.
        if (before && !call.expected_revision().empty())
            write.posted.object.at("metadata").as_object()["resourceVersion"] = text::metadata_text(*before, "resourceVersion");
        text = applied(call, write, settings_.force);
    }
    const json::object after = text::parse_object(text, "kubectl proxy");
    note_written(call, write);
    if (!before && write.type.kind == "CustomResourceDefinition" && !call.dry_run())
        wait_until_served(call, write.path(), write.posted.object);
    const Outcome outcome = !before                             ? Outcome::created
                            : api::same_content(*before, after) ? Outcome::unchanged
                                                                : Outcome::changed;
    return Result::from_text(std::move(text), outcome, write.path());
}

std::optional<json::object> ProxyTransport::read_if_there(const Call &call, const Write &write) const {
    try {
        return read_live(call, write);
    } catch (const Error &error) {
        if (error.code != Code::not_found) throw;
        return std::nullopt;
    }
}

std::string ProxyTransport::applied(const Call &call, const Write &write, bool force) const {
    ApiRequest request{"PATCH", api::with_query(write.path(), {{"force", force ? "true" : "false"}})};
    request.content_type = "application/apply-patch+yaml"; // JSON is YAML
    request.may_repeat = true;
    return written(call, request, write.posted.object);
}

// live, after the fields of this driver's updates were made those of its applies.
json::object ProxyTransport::with_fields_taken_over(const Call &call, const Write &write, json::object live) const {
    for (int turn = 1;; ++turn) {
        std::optional<json::array> managers = api::taken_over(live, own());
        if (!managers) return live;
        ApiRequest request{"PATCH", write.path()};
        request.content_type = "application/json-patch+json";
        try {
            const std::string patch = json_text(api::patch_of_managers(live, std::move(*managers)));
            return text::parse_object(sent(call, request, patch), "kubectl proxy");
        } catch (const Error &error) {
            if (error.code != Code::conflict || turn == most_turns) throw;
        }
        live = read_live(call, write);
        check_revision(call, write, live);
    }
}

// A dry run can't take fields over before it applies. So it is forced where only managers of this driver conflict, and the fields
// that the take-over would remove are removed from the result. A cluster may refuse the old and the new fields together, such as
// two ports without names: then a dry run of a replace with the new ones alone gives the result.
std::string ProxyTransport::applied_as_planned(const Call &call, const Write &write, const json::object &live) const {
    std::string text;
    try {
        text = applied_over_own(call, write);
    } catch (const Error &error) {
        if (error.code != Code::invalid || !api::taken_over(live, own())) throw;
        return put_planned(call, write, api::applied_alone(live, write.posted.object, own()));
    }
    json::object object = text::parse_object(text, "kubectl proxy");
    const json::object gone = api::given_up(live, object, own());
    if (gone.empty()) return text;
    api::take_out(gone, object);
    return put_planned(call, write, api::replacing(live, std::move(object), own()));
}

// A dry run of a replace. If another client changed the object since it was read, it is repeated with the current version.
std::string ProxyTransport::put_planned(const Call &call, const Write &write, json::object object) const {
    for (int turn = 1;; ++turn) {
        try {
            return written(call, {"PUT", write.path()}, object);
        } catch (const Error &error) {
            if (!errors::is_overtaken(error) || turn == most_turns) throw;
        }
        object.at("metadata").as_object()["resourceVersion"] = text::metadata_text(read_live(call, write), "resourceVersion");
    }
}

std::string ProxyTransport::applied_over_own(const Call &call, const Write &write) const {
    try {
        return applied(call, write, settings_.force);
    } catch (const Error &error) {
        if (error.code != Code::conflict || !api::conflicts_with_own_only(error.what(), own())) throw;
        return applied(call, write, true);
    }
}

} // namespace rsf::kubectl::transports
