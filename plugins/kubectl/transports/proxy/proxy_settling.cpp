// SPDX-License-Identifier: Apache-2.0
//
// Whether a write was done, over the proxy: one read of its object, whose answer says what time it is for the cluster, too.
#include "kubectl/transports/proxy/proxy_transport.hpp"

#include "kubectl/api/settling.hpp"
#include "kubectl/errors/answer_check.hpp"
#include "kubectl/errors/error_text.hpp"
#include "kubectl/text/json_parts.hpp"

namespace rsf::kubectl::transports {

Settlement ProxyTransport::settle(const Call &call) {
    const bool deletes = call.verb() == RSF_DELETE;
    const std::optional<api::Posted> posted = deletes ? api::read_deleted(call) : std::nullopt;
    if (deletes && !posted) return Settlement::done();
    try {
        const Write write = prepare(call);
        if (!write.type.is_kept) return deletes ? Settlement::done() : Settlement::not_done(); // nothing is left behind
        return settle(call, write);
    } catch (const Error &error) {
        // What the driver refuses it never sent.
        const bool is_refused = error.code == Code::invalid || (!deletes && error.code == Code::unsupported);
        if (!is_refused && !errors::is_no_such_type(error)) throw;
        if (!deletes) return Settlement::not_done();
    }
    const std::optional<Write> moved = prepare_moved(call, *posted);
    return moved ? settle(call, *moved) : Settlement::done();
}

Settlement ProxyTransport::settle(const Call &call, const Write &write) const {
    api::ClockReading clock;
    std::optional<json::object> live;
    try {
        const std::string text = client_.send(call, {"GET", write.path()}, &clock);
        errors::check_object(write.identity(), text);
        live = text::parse_object(text, "kubectl proxy");
    } catch (const Error &error) {
        if (error.code != Code::not_found || errors::is_no_such_type(error)) throw;
    }
    return api::settlement_of(call, write.posted, live ? &*live : nullptr, api::began_by_cluster(call, clock),
                              settings_.field_manager, true);
}

} // namespace rsf::kubectl::transports
