// SPDX-License-Identifier: Apache-2.0
//
// Reads over the proxy.
#include "kubectl/transports/proxy/proxy_transport.hpp"

#include "kubectl/api/api_path.hpp"
#include "kubectl/errors/answer_check.hpp"
#include "kubectl/errors/error_text.hpp"
#include "kubectl/text/argument.hpp"
#include "kubectl/text/list_text.hpp"

namespace rsf::kubectl::transports {

// The cached type may be out of date: then the cluster has no such path, and the type is looked up again.
template <class Read, class Find> Result ProxyTransport::read_twice(const Call &call, Read read, Find find) {
    std::optional<api::ApiType> known;
    std::optional<Error> said;
    try {
        known = discovery_.of_word(call, call.type());
        return read(*known);
    } catch (const Error &error) {
        if (!errors::is_no_such_type(error)) throw;
        said = error;
    }
    if (known) discovery_.forget(known->api_version);
    const api::ApiType type = find();
    const bool is_same = known && known->path({}) == type.path({}) && known->namespaced == type.namespaced;
    if (is_same) throw Error(*said);
    return read(type);
}

Result ProxyTransport::list(const Call &call) {
    text::check_type(call.type());
    text::check_selector(call.label_selector(), "The label selector");
    text::check_selector(call.field_selector(), "The field selector");
    return read_twice(
        call, [&](const api::ApiType &type) { return list(call, type); }, [&] { return discovery_.of_word(call, call.type()); });
}

Result ProxyTransport::list(const Call &call, const api::ApiType &type) const {
    if (!type.is_kept) throw errors::never_stored(Code::not_found, type.kind);
    const std::string ns = call.all_namespaces() ? std::string() : ns_of(call, type, call.ns());
    const std::string path =
        api::with_query(type.path(ns), {{"labelSelector", call.label_selector()}, {"fieldSelector", call.field_selector()}});
    const std::string answer = client_.send(call, {"GET", path});
    errors::check_items({type.api_version, type.kind, {}, type.namespaced ? ns : std::string()}, answer);
    std::optional<std::string> list = text::as_list(answer, type.api_version, type.kind);
    if (!list) throw Error(Code::internal, "The cluster answered with something that is not a list.", Retry::never);
    return Result::from_text(std::move(*list));
}

Result ProxyTransport::get(const Call &call) {
    text::check_type(call.type());
    text::check_name(call.name());
    return read_twice(
        call, [&](const api::ApiType &type) { return get(call, type); }, [&] { return discovery_.of_read(call, call.type()); });
}

Result ProxyTransport::get(const Call &call, const api::ApiType &type) const {
    if (!type.is_kept) throw errors::never_stored(Code::not_found, type.kind);
    const std::string ns = ns_of(call, type, call.ns());
    const std::string path = type.path(ns, call.name());
    std::string live = client_.send(call, {"GET", path});
    errors::check_object({type.api_version, type.kind, std::string(call.name()), ns}, live);
    return Result::from_text(std::move(live), Outcome::done, path);
}

} // namespace rsf::kubectl::transports
