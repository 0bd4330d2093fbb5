// SPDX-License-Identifier: Apache-2.0
#include "kubectl/transports/proxy/proxy.hpp"

#include "kubectl/errors/error_text.hpp"
#include "kubectl/process/blocked_signals.hpp"
#include "kubectl/process/child_process.hpp"
#include "kubectl/process/file_stamp.hpp"
#include "kubectl/text/well_formed.hpp"
#include "kubectl/transports/context.hpp"

#include <poll.h>

#include <algorithm>
#include <system_error>
#include <utility>

namespace rsf::kubectl::transports {

namespace {

using namespace std::chrono_literals;

constexpr auto time_to_start = 15s;
constexpr auto time_to_answer = 2s; // for a check whether it still answers
constexpr auto first_backoff = 100ms;
constexpr auto longest_backoff = 10s;
constexpr auto time_to_finish = 10s;    // for calls in flight on one whose kubeconfig has changed
constexpr auto renewal = 10s;           // between two replacements because of a 401
constexpr auto renewal_by_check = 1min; // the same because of a check
constexpr auto long_enough = 10s;       // one that ran so long did not fail at its start
constexpr auto between_checks = 5s;     // of the cluster, without a call

} // namespace

Proxy::Proxy(Host host, const settings::Settings &settings, const settings::Credentials &credentials,
             const settings::Environment &environment)
    : host_(host), settings_(settings), credentials_(credentials), environment_(environment),
      reach_([this](const process::Event &stop, std::chrono::milliseconds at_most) { return ask(stop, at_most); },
             between_checks) {
    const process::BlockedSignals blocked;
    thread_ = std::thread([this] { run(); });
}

Proxy::~Proxy() {
    {
        const shared::Lock lock(mutex_);
        stopping_ = true;
    }
    changed_.notify_all();
    stop_.set();
    wake_.set();
    thread_.join();
}

std::shared_ptr<Endpoint> Proxy::endpoint(const process::Deadline &deadline) {
    const std::string files = process::stamp_of(environment_.files());
    shared::Lock lock(mutex_);
    if (endpoint_ && endpoint_->files == files) return endpoint_;
    if (endpoint_) {
        why_outdated_ = "The target's kubeconfig has changed";
        replace_outdated();
    }
    const std::uint64_t failed_before = failed_starts_;
    for (;;) {
        // During the pause after a failed start, a call fails at once with the reason of the failure.
        const auto left = backoff_until_ - Clock::now();
        if (failure_ && (failed_starts_ != failed_before || left > Clock::duration::zero())) {
            const auto after = std::max(std::chrono::ceil<std::chrono::milliseconds>(left), 0ms);
            throw Error(failure_->code, failure_->what(), failure_->retry, after, failure_->details);
        }
        if (!wanted_) {
            wanted_ = true;
            changed_.notify_all();
        }
        lock.unlock();
        deadline.check(" kubectl proxy was still starting.");
        lock.lock();
        if (endpoint_) return endpoint_;
        changed_.wait_until(lock, deadline.next_check());
        if (endpoint_) return endpoint_;
    }
}

void Proxy::replace_outdated() {
    endpoint_->replaced.set();
    endpoint_ = nullptr;
    outdated_ = wanted_ = true;
    wake_.set();
}

bool Proxy::renew(const std::shared_ptr<Endpoint> &endpoint) {
    const shared::Lock lock(mutex_);
    if (endpoint_ != endpoint) return true; // done already
    const Clock::time_point now = Clock::now();
    const bool has_read_lately = !endpoint->is_known && now - endpoint->since < renewal;
    if (has_read_lately || (renewed_ != Clock::time_point() && now - renewed_ < renewal)) return false;
    renewed_ = now;
    why_outdated_ = "The cluster does not know who is asking, and credentials may have been renewed";
    replace_outdated();
    return true;
}

bool Proxy::renews_for_check(const std::shared_ptr<Endpoint> &endpoint) {
    const Clock::time_point now = Clock::now();
    if (renewed_for_check_ != Clock::time_point() && now - renewed_for_check_ < renewal_by_check) return false;
    if (!renew(endpoint)) return false;
    renewed_for_check_ = now;
    return true;
}

void Proxy::note_answer(const std::shared_ptr<Endpoint> &endpoint) {
    endpoint->is_known = true;
    reach_.note_answer();
}

// Starts a proxy if none runs, and another one if a file has changed since this one read it: a failure may be over with that. A
// token, and a certificate that has expired, are refused (401) at every path, also at this one, which needs no permission.
Reach::Probe Proxy::ask(const process::Event &stop, std::chrono::milliseconds at_most) {
    using How = Reach::Probe::How;
    if (!environment_.kubeconfig().fault().empty()) return {How::not_done};
    credentials_.refresh();
    const Clock::time_point until = Clock::now() + std::min<Clock::duration>(settings::probe_time(settings_), at_most);
    std::shared_ptr<Endpoint> endpoint;
    try {
        for (;;) {
            endpoint = this->endpoint(process::Deadline(until, stop));
            const process::Deadline deadline(until, stop, endpoint->replaced);
            std::unique_ptr<Connection> connection = endpoint->pool.take(deadline);
            const HttpResponse response = connection->exchange({"GET", "/version", {}}, deadline);
            endpoint->pool.give_back(std::move(connection));
            if (response.status == 401 && renews_for_check(endpoint)) continue;
            if (errors::is_out_of_touch(response.status, response.body))
                return {How::refused, credentials_.told(errors::read_status(response.status, response.body, false))};
            endpoint->is_known = true;
            return {How::answered};
        }
    } catch (const ConnectionLost &lost) { // otherwise the next call fails in the same way
        const bool is_late = lost.how == ConnectionLost::How::given_up && Clock::now() >= until;
        if (is_late) suspect(endpoint);
        return {is_late ? How::silent : How::not_done};
    } catch (const Error &) { // health() has the reason
        return {How::not_done};
    }
}
void Proxy::suspect(const std::shared_ptr<Endpoint> &endpoint) {
    const shared::Lock lock(mutex_);
    if (endpoint_ != endpoint) return;
    suspect_ = true;
    wake_.set();
}

void Proxy::condemn(const std::shared_ptr<Endpoint> &endpoint) {
    const shared::Lock lock(mutex_);
    if (endpoint_ != endpoint) return;
    condemned_ = true;
    wake_.set();
}

json::object Proxy::health() const {
    const std::string why = reach_.why();
    const shared::Lock lock(mutex_);
    const bool has_failed = failure_ && !endpoint_;
    json::object health{{"ok", !has_failed && why.empty()}};
    if (has_failed)
        health["reason"] = failure_->what();
    else if (!why.empty())
        health["reason"] = why + (last_words_.empty() ? "" : " It said: " + last_words_);
    health["proxy"] = endpoint_ ? "serves" : wanted_ ? "starts" : failure_ ? "failed to start" : "not started yet";
    health["restarts"] = starts_ == 0 ? 0 : starts_ - 1;
    if (has_failed && !std::exchange(wanted_, true)) changed_.notify_all();
    return health;
}

void Proxy::run() {
    auto backoff = first_backoff;
    shared::Lock lock(mutex_);
    for (;;) {
        changed_.wait(lock, [&]() REQUIRES(mutex_) { return wanted_ || stopping_; });
        changed_.wait_until(lock, backoff_until_, [&]() REQUIRES(mutex_) { return stopping_; });
        if (stopping_) return;
        lock.unlock();
        const Clock::time_point began = Clock::now();
        const Next next = serve();
        lock.lock();
        if (Clock::now() - began > long_enough) backoff = first_backoff;
        if (next == Next::after_a_rest) {
            backoff_until_ = Clock::now() + backoff;
            backoff = std::min<std::chrono::milliseconds>(2 * backoff, longest_backoff);
        }
        changed_.notify_all();
    }
}

// Runs one proxy, from its start to its end.
Proxy::Next Proxy::serve() {
    std::optional<ProxyProcess> process;
    std::shared_ptr<Endpoint> started;
    std::optional<Error> failure;
    try {
        started = start(process);
    } catch (const Error &error) {
        failure = error;
    } catch (const std::exception &error) {
        failure = Error(Code::internal, std::string("kubectl proxy can't be started: ") + error.what() + ".");
    }
    {
        const shared::Lock lock(mutex_);
        wanted_ = false;
        failure_ = failure;
        endpoint_ = started ? Endpoint::lend(started) : nullptr;
        suspect_ = condemned_ = outdated_ = false;
        ++(started ? starts_ : failed_starts_);
        if (failure) backoff_until_ = Clock::now() + first_backoff; // at least; run() makes it longer
    }
    changed_.notify_all();
    if (failure) {
        host_.log(LogLevel::warning, failure->what());
        return Next::after_a_rest;
    }
    host_.log(LogLevel::info, "kubectl proxy serves.");
    std::string end;
    try {
        end = watch(*process, started);
    } catch (const std::exception &error) {
        end = std::string("can't be watched and was ended (") + error.what() + ")";
    }
    started->replaced.set();
    {
        const shared::Lock lock(mutex_);
        endpoint_ = nullptr;
        wanted_ = true; // start the next one before a call needs it
    }
    if (end.empty()) return Next::at_once;
    host_.log(LogLevel::warning, "kubectl proxy " + end + "; another one is started."); // no call takes the old one any more
    return Next::after_a_rest;
}

// Throws when it does not listen in time.
std::shared_ptr<Endpoint> Proxy::start(std::optional<ProxyProcess> &process) {
    environment_.kubeconfig().check();
    std::string files = process::stamp_of(environment_.files()); // before kubectl reads them: a change in between shows as one
    std::string ns = settings_.ns.empty() ? ask_default_namespace(settings_, credentials_, environment_, &stop_) : settings_.ns;
    process::FileDescriptor socket;
    // For servers whose URL has a path. kubectl 1.20 does not have the flag yet.
    constexpr const char *flag = "--append-server-path";
    if (appends_path_) socket = listen(process, {"proxy", std::string(flag) + "=true"});
    if (!socket && process->has_ended() && process->errors().find(std::string("unknown flag: ") + flag) != std::string::npos)
        appends_path_ = false;
    if (!appends_path_) socket = listen(process, {"proxy"});
    if (socket) return std::make_shared<Endpoint>(std::move(socket), std::move(ns), std::move(files));
    if (stop_.is_set()) throw Error(Code::cancelled, "The driver was ended while kubectl proxy was starting.");
    if (!process->has_ended())
        throw Error(Code::unavailable, "kubectl proxy did not begin to serve within 15 s and was ended.", Retry::later);
    const Error read = errors::read_error(errors::sort_error_text(process->take_errors()), 1, false);
    throw Error(read.code,
                "kubectl proxy " + process->how_it_ended() + " before it served: " + credentials_.without_secrets(read.what()),
                read.retry);
}

// No value: it ended, or did not listen in time.
process::FileDescriptor Proxy::listen(std::optional<ProxyProcess> &process, Words command) const {
    try {
        process.emplace(
            process::Program{settings_.kubectl,
                             command_line({settings_, credentials_, environment_.cache_folder()}, command, {}, std::nullopt),
                             environment_.variables(), -1, credentials_.inherited()},
            environment_.socket_folder());
    } catch (const std::system_error &error) {
        throw errors::cant_be_run(settings_.kubectl, error.code().value());
    }
    return process->wait_until_listening(Clock::now() + time_to_start, stop_);
}

std::string Proxy::known_namespace() const {
    const shared::Lock lock(mutex_);
    return endpoint_ ? endpoint_->default_namespace : std::string();
}

// Until it has ended, does not answer, answers with what is not HTTP, or is to be ended. How it ended; empty: as it should.
std::string Proxy::watch(ProxyProcess &process, const std::shared_ptr<Endpoint> &endpoint) {
    for (;;) {
        const ProxyProcess::Event event = process.wait(wake_);
        log_errors(process);
        if (event == ProxyProcess::Event::ended) return process.how_it_ended();
        if (event == ProxyProcess::Event::wrote) continue;
        wake_.reset();
        shared::Lock lock(mutex_);
        if (stopping_) return {};
        if (outdated_) {
            const std::string why = why_outdated_;
            lock.unlock();
            host_.log(LogLevel::info, why + ": kubectl proxy is started anew.");
            wait_until_unused(*endpoint);
            return {};
        }
        const bool is_suspect = std::exchange(suspect_, false);
        if (std::exchange(condemned_, false)) return "answered with what is not HTTP and was ended";
        lock.unlock();
        if (is_suspect && !ProxyProcess::answers(*endpoint, Clock::now() + time_to_answer))
            return process.has_ended() ? process.how_it_ended() : "did not answer any more and was ended";
    }
}

// Until all calls in flight on it have ended.
void Proxy::wait_until_unused(const Endpoint &endpoint) const {
    static_cast<void>(
        process::Deadline(Clock::now() + time_to_finish, stop_).wait_until_ready(endpoint.unused.descriptor(), POLLIN));
}

void Proxy::log_errors(ProxyProcess &process) {
    const errors::ErrorText text = errors::sort_error_text(process.take_errors());
    for (const std::string &line : text.log) host_.log(LogLevel::debug, "kubectl proxy: " + credentials_.without_secrets(line));
    if (text.message.empty()) return;
    std::string words = credentials_.without_secrets(text.message);
    host_.log(LogLevel::debug, "kubectl proxy: " + words);
    constexpr std::size_t most = 500;
    if (words.size() > most) words = "…" + text::well_formed(words.substr(words.size() - most));
    const shared::Lock lock(mutex_);
    last_words_ = std::move(words);
}

} // namespace rsf::kubectl::transports
