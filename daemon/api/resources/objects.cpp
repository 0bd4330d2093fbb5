// SPDX-License-Identifier: Apache-2.0
#include "api/resources/objects.hpp"

#include "api/answer/in_time.hpp"
#include "api/answer/report.hpp"
#include "drivers/call.hpp"
#include "run/runner.hpp"
#include "targets/target.hpp"

#include <memory>

namespace rsf::api {

void answer_objects(const Tools &tools, const Request &request, const Admitted &admitted, Respond respond) {
    drivers::Call call;
    call.verb = admitted.verb;
    call.type = admitted.route.type;
    call.name = admitted.route.name;
    call.all_namespaces = value_of(admitted.query, "allNamespaces") == "true";
    call.ns = value_of(admitted.query, "namespace");
    call.label_selector = value_of(admitted.query, "labelSelector");
    call.field_selector = value_of(admitted.query, "fieldSelector");
    call.request_id = request.id;
    call.as_text = admitted.format.form == Form::json;
    call.memory = request.share;
    InTime in_time = answered_in_time(tools, *admitted.target, request.client_gone, std::move(respond));
    const bool is_list = call.verb == drivers::Verb::list;
    tools.runner->read(*admitted.target, std::move(call), admitted.caller, std::move(in_time.stop),
                       [later = tools.later, is_list, id = request.id, format = admitted.format, share = request.share,
                        respond = std::move(in_time.respond)](drivers::Answer answer) {
                           const auto kept = std::make_shared<drivers::Answer>(std::move(answer));
                           const auto write = [=] { return answer_read(std::move(*kept), format, share.get()); };
                           const bool is_to_be_written = is_list && *kept && (*kept)->text.empty();
                           is_to_be_written ? later(id, respond, write) : later.now(id, respond, write);
                       });
}

} // namespace rsf::api
