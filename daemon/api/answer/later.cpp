// SPDX-License-Identifier: Apache-2.0
#include "api/answer/later.hpp"

#include "base/log.hpp"
#include "http/problem.hpp"

#include <exception>

namespace rsf::api {

namespace {

void guarded(const Log &log, const std::string &request_id, const Respond &respond, const std::function<void()> &work) {
    try {
        work();
    } catch (const std::exception &error) {
        log->error("{}failed inside the daemon: {}", LogFields{{"request", request_id}}, error.what());
        respond(http::to_response({500, "internal", "The daemon failed at this request; its log says why."}));
    }
}

} // namespace

void Later::operator()(std::string request_id, Respond respond, std::function<Response()> work) const {
    offload([log = log, id = std::move(request_id), respond = std::move(respond), work = std::move(work)] {
        guarded(log, id, respond, [&] { respond(work()); });
    });
}

void Later::now(const std::string &request_id, const Respond &respond, const std::function<Response()> &work) const {
    guarded(log, request_id, respond, [&] { respond(work()); });
}

void Later::guard(const std::string &request_id, const Respond &respond, const std::function<void()> &work) const {
    guarded(log, request_id, respond, work);
}

} // namespace rsf::api
