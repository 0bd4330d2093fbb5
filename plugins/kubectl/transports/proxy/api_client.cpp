// SPDX-License-Identifier: Apache-2.0
#include "kubectl/transports/proxy/api_client.hpp"

#include "kubectl/errors/error_text.hpp"
#include "kubectl/errors/shown_errors.hpp"
#include "kubectl/transports/proxy/request_gate.hpp"
#include "kubectl/transports/waits.hpp"
#include "kubectl/transports/warning_scope.hpp"

#include <algorithm>
#include <random>
#include <utility>

namespace rsf::kubectl::transports {

namespace {

using std::chrono::milliseconds;

constexpr int most_tries = 4; // of one request whose connection breaks

bool is_read(const ApiRequest &request) { return request.method == "GET"; }

bool changes(const Call &call, const ApiRequest &request) { return !is_read(request) && !call.dry_run(); }

// By which the cluster's audit log is searched. None for an id that can't go on: it is the client's to choose.
std::string_view audit_id_of(const Call &call) { return is_audit_id(call.request_id()) ? call.request_id() : std::string_view(); }

// How long to wait before the request is sent again. None: that would not help, or could do a change twice. An API server that
// answers with 429, or with Retry-After, has not processed the request:
// https://kubernetes.io/docs/concepts/cluster-administration/flow-control/
std::optional<milliseconds> backoff_before_again(const Call &call, const ApiRequest &request, const HttpResponse &response,
                                                 const Error &error, int turn) {
    const bool told = response.retry_after || error.retry_after.count() > 0;
    const bool overloaded = response.status == 429 || response.status == 503;
    const bool safe = response.status == 429 || (told && response.status >= 500) || !changes(call, request) || request.may_repeat;
    if (!safe || !(overloaded || (told && response.status >= 500))) return std::nullopt;
    const milliseconds base = response.retry_after            ? *response.retry_after
                              : error.retry_after.count() > 0 ? error.retry_after
                                                              : milliseconds(std::min(100 << std::min(turn, 6), 5000));
    // Random, so that clients that were refused together do not come back together.
    thread_local std::minstd_rand random{std::random_device{}()};
    return base + milliseconds(std::uniform_int_distribution<long>(0, std::max<long>(base.count() / 2, 50))(random));
}

} // namespace

ApiClient::ApiClient(Host host, Proxy &proxy, const settings::Settings &settings, const settings::Credentials &credentials)
    : host_(host), proxy_(proxy), settings_(settings), credentials_(credentials) {}

std::string ApiClient::default_namespace(const Call &call) const {
    return settings_.ns.empty() ? proxy_.endpoint(process::Deadline(call))->default_namespace : settings_.ns;
}

std::string ApiClient::send(const Call &call, const ApiRequest &request, api::ClockReading *clock) const {
    for (int turn = 0;; ++turn) {
        const std::int64_t before = api::clock_now();
        HttpResponse response = exchange(call, request, process::Deadline(call, settings_.request_timeout));
        for (const std::string &warning : response.warnings) {
            const std::string shown = errors::secrets_posted({call}).masked_text(credentials_.without_secrets(warning));
            host_.log(LogLevel::warning, "The cluster warns: " + shown, &call);
            WarningScope::note(shown);
        }
        if (clock) *clock = {response.date, before, api::clock_now()};
        if (response.status / 100 == 2) return std::move(response.body);
        Error error = errors::read_status(response.status, errors::shown_answer(response.body, errors::secrets_posted({call})),
                                          changes(call, request));
        const std::optional<milliseconds> backoff = backoff_before_again(call, request, response, error, turn);
        const process::Deadline deadline(call);
        if (request.waits_for_overload && backoff && *backoff < deadline.left()) {
            host_.log(LogLevel::info,
                      "The cluster answered with HTTP status " + std::to_string(response.status) + "; asked again in " +
                          std::to_string(backoff->count()) + " ms.",
                      &call);
            deadline.wait(*backoff);
            continue;
        }
        error.details = credentials_.fit_to_show(std::move(error.details));
        const bool is_lost = changes(call, request) && errors::may_have_passed_on(response.status, response.body);
        throw with_effect(
            is_lost ? Effect::unknown : Effect::known,
            {error.code, credentials_.told(error), error.retry, response.retry_after.value_or(error.retry_after), error.details});
    }
}

std::string ApiClient::known_namespace() const { return settings_.ns.empty() ? proxy_.known_namespace() : settings_.ns; }

// One answer, with any status.
HttpResponse ApiClient::exchange(const Call &call, const ApiRequest &request, const process::Deadline &deadline) const {
    bool is_renewed = false;
    const char *effect = ""; // of this try or one before
    for (int tried = 1;; ++tried) {
        const std::shared_ptr<Endpoint> endpoint = proxy_.endpoint(deadline);
        try {
            std::unique_ptr<Connection> connection = endpoint->pool.take(deadline);
            HttpResponse response = connection->exchange(
                {request.method, request.path, request.body, request.content_type, audit_id_of(call)}, deadline);
            endpoint->pool.give_back(std::move(connection));
            // A request with 401 had no effect.
            if (response.status == 401 && !std::exchange(is_renewed, true) && proxy_.renew(endpoint)) continue;
            if (errors::is_out_of_touch(response.status, response.body))
                proxy_.note_out_of_touch(credentials_.told(errors::read_status(response.status, response.body, false)));
            else
                proxy_.note_answer(endpoint);
            return response;
        } catch (const ConnectionLost &lost) {
            if (lost.sent && changes(call, request)) effect = " The change may have happened.";
            switch (lost.how) {
            case ConnectionLost::How::too_large:
                throw Error(Code::internal,
                            "The cluster's answer is longer than 64 MiB: narrow the list with a namespace or a selector.",
                            Retry::never);
            case ConnectionLost::How::given_up:
                if (!call.cancelled() || deadline.left() <= process::Deadline::Clock::duration::zero()) {
                    proxy_.suspect(endpoint);
                    proxy_.note_silence();
                }
                deadline.check(effect);
                break;
            case ConnectionLost::How::not_http: proxy_.condemn(endpoint); break;
            case ConnectionLost::How::refused:
            case ConnectionLost::How::dropped: proxy_.suspect(endpoint); break;
            }
            const bool again = !lost.sent || is_read(request) || request.may_repeat || call.dry_run();
            if (!again || tried == most_tries)
                throw with_effect(*effect ? Effect::unknown : Effect::known,
                                  {Code::unavailable,
                                   std::string("The connection to kubectl proxy broke (") + lost.what() + ")." + effect,
                                   Retry::later});
        }
        pause(call, tried, effect);
    }
}

} // namespace rsf::kubectl::transports
