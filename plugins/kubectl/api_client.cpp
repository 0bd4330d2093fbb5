// SPDX-License-Identifier: Apache-2.0
#include "api_client.hpp"

#include "error_text.hpp"
#include "shown_errors.hpp"

#include <algorithm>
#include <random>
#include <utility>

namespace rsf::kubectl {

namespace {

using std::chrono::milliseconds;

constexpr int most_tries = 4; // of one request whose connection breaks

bool is_read(const ApiRequest &request) { return request.method == "GET"; }

bool changes(const Call &call, const ApiRequest &request) { return !is_read(request) && !call.dry_run(); }

// How long before the same request is sent again, or none: again would not help, or might do twice what was asked once. The API
// server refuses with 429, and with Retry-After, before it does anything:
// https://kubernetes.io/docs/concepts/cluster-administration/flow-control/
std::optional<milliseconds> pause_before_again(const Call &call, const ApiRequest &request, const HttpResponse &response,
                                               const Error &error, int turn) {
    const bool told = response.retry_after || error.retry_after.count() > 0;
    const bool overloaded = response.status == 429 || response.status == 503;
    const bool safe = response.status == 429 || (told && response.status >= 500) || !changes(call, request) || request.may_repeat;
    if (!safe || !(overloaded || (told && response.status >= 500))) return std::nullopt;
    const milliseconds base = response.retry_after            ? *response.retry_after
                              : error.retry_after.count() > 0 ? error.retry_after
                                                              : milliseconds(std::min(100 << std::min(turn, 6), 5000));
    // Not all who were refused together come back together.
    thread_local std::minstd_rand random{std::random_device{}()};
    return base + milliseconds(std::uniform_int_distribution<long>(0, std::max<long>(base.count() / 2, 50))(random));
}

} // namespace

ApiClient::ApiClient(Host host, Proxy &proxy, const Settings &settings, const Credentials &credentials)
    : host_(host), proxy_(proxy), settings_(settings), credentials_(credentials) {}

void ApiClient::pause(const Call &call, int turn) { Patience(call).wait(milliseconds(std::min(10 << std::min(turn, 6), 500))); }

std::string ApiClient::default_namespace(const Call &call) const {
    return settings_.ns.empty() ? proxy_.endpoint(Patience(call))->default_namespace : settings_.ns;
}

ApiAnswer ApiClient::send(const Call &call, const ApiRequest &request) const {
    for (int turn = 0;; ++turn) {
        HttpResponse response = exchange(call, request, Patience(call, settings_.request_timeout));
        for (const std::string &warning : response.warnings)
            host_.log(LogLevel::warning,
                      "The cluster warns: " + secrets_posted({call}).masked_text(credentials_.without_secrets(warning)), &call);
        if (response.status / 100 == 2) return {response.status, std::move(response.body)};
        Error error = read_status(response.status, shown_answer(response.body, secrets_posted({call})), changes(call, request));
        const std::optional<milliseconds> pause = pause_before_again(call, request, response, error, turn);
        const Patience patience(call);
        if (request.is_patient && pause && *pause < patience.left()) {
            host_.log(LogLevel::info,
                      "The cluster answered with HTTP status " + std::to_string(response.status) + "; asked again in " +
                          std::to_string(pause->count()) + " ms.",
                      &call);
            patience.wait(*pause);
            continue;
        }
        error.details = credentials_.fit_to_show(std::move(error.details));
        throw Error(error.code, credentials_.told(error), error.retry, response.retry_after.value_or(error.retry_after),
                    error.details);
    }
}

std::string ApiClient::known_namespace() const { return settings_.ns.empty() ? proxy_.known_namespace() : settings_.ns; }

// One answer, of whatever status.
HttpResponse ApiClient::exchange(const Call &call, const ApiRequest &request, const Patience &patience) const {
    bool is_renewed = false;
    const char *effect = changes(call, request) ? " The change may have happened." : "";
    for (int tried = 1;; ++tried) {
        const std::shared_ptr<Endpoint> endpoint = proxy_.endpoint(patience);
        try {
            std::unique_ptr<Connection> connection = endpoint->pool.take(patience);
            HttpResponse response =
                connection->exchange({request.method, request.path, request.body, request.content_type}, patience);
            endpoint->pool.give_back(std::move(connection));
            // Who is not known has done nothing.
            if (response.status == 401 && !std::exchange(is_renewed, true) && proxy_.renew(endpoint)) continue;
            if (is_out_of_touch(response.status, response.body))
                proxy_.note_out_of_touch(credentials_.told(read_status(response.status, response.body, false)));
            else
                proxy_.note_answer(endpoint);
            return response;
        } catch (const ConnectionLost &lost) {
            switch (lost.how) {
            case ConnectionLost::How::too_large:
                throw Error(Code::internal,
                            "The cluster's answer is longer than 64 MiB: narrow the list with a namespace or a selector.",
                            Retry::never);
            case ConnectionLost::How::given_up:
                if (!call.cancelled() || patience.left() <= Patience::Clock::duration::zero()) {
                    proxy_.suspect(endpoint);
                    proxy_.note_silence();
                }
                patience.check(lost.sent ? effect : "");
                break;
            case ConnectionLost::How::nonsense: proxy_.condemn(endpoint); break;
            case ConnectionLost::How::refused:
            case ConnectionLost::How::dropped: proxy_.suspect(endpoint); break;
            }
            const bool again = !lost.sent || is_read(request) || request.may_repeat || call.dry_run();
            if (!again || tried == most_tries)
                throw Error(Code::unavailable,
                            std::string("The connection to kubectl proxy broke (") + lost.what() + ")." +
                                (lost.sent ? effect : ""),
                            Retry::later);
        }
        ApiClient::pause(call, tried);
    }
}

} // namespace rsf::kubectl
