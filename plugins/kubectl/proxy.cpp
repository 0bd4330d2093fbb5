// SPDX-License-Identifier: Apache-2.0
#include "proxy.hpp"

#include "blocked_signals.hpp"
#include "child_process.hpp"
#include "context.hpp"
#include "error_text.hpp"
#include "file_stamp.hpp"
#include "well_formed.hpp"

#include <sys/eventfd.h>

#include <algorithm>
#include <system_error>
#include <utility>

namespace rsf::kubectl {

namespace {

using namespace std::chrono_literals;

constexpr auto time_to_start = 15s;
constexpr auto time_to_answer = 2s; // for one that is suspected to hang
constexpr auto first_rest = 100ms;
constexpr auto longest_rest = 10s;
constexpr auto time_to_finish = 10s; // for calls that use one whose kubeconfig has changed
constexpr auto renewal = 10s;        // between two that are replaced because the cluster does not know who is asking
constexpr auto long_enough = 10s;    // one that ran so long did not fail at its start

} // namespace

Proxy::Proxy(Host host, const Settings &settings, const Credentials &credentials, const Environment &environment)
    : host_(host), settings_(settings), credentials_(credentials), environment_(environment),
      wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)), reach_([this](const std::function<bool()> &stop) { return ask(stop); }) {
    if (!wake_) throw_errno("eventfd");
    const BlockedSignals blocked;
    thread_ = std::thread([this] { run(); });
}

Proxy::~Proxy() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    changed_.notify_all();
    wake();
    thread_.join();
}

std::shared_ptr<Endpoint> Proxy::endpoint(const Patience &patience) {
    const std::string files = stamp_of(environment_.files());
    std::unique_lock lock(mutex_);
    if (endpoint_ && endpoint_->files == files) return endpoint_;
    if (endpoint_) {
        why_outdated_ = "The target's kubeconfig has changed";
        replace_outdated();
    }
    const std::uint64_t failed_before = failed_starts_;
    for (;;) {
        // Who comes while it rests after a start that failed need not wait to hear why.
        const auto rest = rest_until_ - Clock::now();
        if (failure_ && (failed_starts_ != failed_before || rest > Clock::duration::zero())) {
            const auto after = std::max(std::chrono::ceil<std::chrono::milliseconds>(rest), 0ms);
            throw Error(failure_->code, failure_->what(), failure_->retry, after, failure_->details);
        }
        if (!wanted_) {
            wanted_ = true;
            changed_.notify_all();
        }
        lock.unlock();
        patience.check(" kubectl proxy was still starting.");
        lock.lock();
        if (endpoint_) return endpoint_;
        changed_.wait_until(lock, std::min(Clock::now() + Patience::tick, patience.until()));
        if (endpoint_) return endpoint_;
    }
}

// Under mutex_.
void Proxy::replace_outdated() {
    outdated_ = std::exchange(endpoint_, nullptr);
    wanted_ = true;
    wake();
}

bool Proxy::renew(const std::shared_ptr<Endpoint> &endpoint) {
    const std::lock_guard lock(mutex_);
    if (endpoint_ != endpoint) return true; // done already
    const Clock::time_point now = Clock::now();
    const bool has_read_lately = !endpoint->is_known && now - endpoint->since < renewal;
    if (has_read_lately || (renewed_ != Clock::time_point() && now - renewed_ < renewal)) return false;
    renewed_ = now;
    why_outdated_ = "The cluster does not know who is asking, and credentials may have been renewed";
    replace_outdated();
    return true;
}

void Proxy::note_answer(const std::shared_ptr<Endpoint> &endpoint) {
    endpoint->is_known = true;
    reach_.note_answer();
}

bool Proxy::is_current(const std::shared_ptr<Endpoint> &endpoint) const {
    const std::lock_guard lock(mutex_);
    return endpoint_ == endpoint;
}

Reach::Look Proxy::ask(const std::function<bool()> &stop) {
    std::shared_ptr<Endpoint> endpoint;
    {
        const std::lock_guard lock(mutex_);
        endpoint = endpoint_;
    }
    if (!endpoint) return {Reach::Look::How::not_done};
    const std::function<bool()> ends = [&] { return stop() || is_stopping() || !is_current(endpoint); };
    return ask(endpoint, Patience(Clock::now() + time_to_look(settings_), ends));
}

// What has changed since the proxy read it may be what was wrong.
Reach::Look Proxy::ask(const std::shared_ptr<Endpoint> &endpoint, const Patience &patience) {
    using How = Reach::Look::How;
    if (endpoint->files != stamp_of(environment_.files()) && environment_.kubeconfig().fault().empty()) {
        const std::lock_guard lock(mutex_);
        if (endpoint_ != endpoint) return {How::not_done};
        why_outdated_ = "The target's kubeconfig has changed";
        replace_outdated();
        return {How::not_done};
    }
    try {
        std::unique_ptr<Connection> connection = endpoint->pool.take(patience);
        const HttpResponse response = connection->exchange({"GET", "/version", {}}, patience);
        if (is_out_of_touch(response.status, response.body))
            return {How::refused, credentials_.told(read_status(response.status, response.body, false))};
        endpoint->is_known = true;
        return {How::answered};
    } catch (const ConnectionLost &lost) { // else the next call will see it
        const bool is_late = lost.how == ConnectionLost::How::given_up && patience.left() <= Patience::Clock::duration::zero();
        return {is_late ? How::silent : How::not_done};
    }
}

void Proxy::suspect(const std::shared_ptr<Endpoint> &endpoint) {
    const std::lock_guard lock(mutex_);
    if (endpoint_ != endpoint) return;
    suspect_ = endpoint;
    wake();
}

void Proxy::condemn(const std::shared_ptr<Endpoint> &endpoint) {
    const std::lock_guard lock(mutex_);
    if (endpoint_ != endpoint) return;
    condemned_ = endpoint;
    wake();
}

json::object Proxy::health() const {
    const std::string why = reach_.why();
    const std::lock_guard lock(mutex_);
    const bool has_failed = failure_ && !endpoint_;
    json::object health{{"ok", !has_failed && why.empty()}};
    if (has_failed)
        health["reason"] = failure_->what();
    else if (!why.empty())
        health["reason"] = why + (last_words_.empty() ? "" : " It said: " + last_words_);
    health["proxy"] = endpoint_ ? "serves" : wanted_ ? "starts" : failure_ ? "failed to start" : "starts with the first call";
    health["restarts"] = starts_ == 0 ? 0 : starts_ - 1;
    if (has_failed && !std::exchange(wanted_, true)) changed_.notify_all();
    return health;
}

void Proxy::run() {
    auto rest = first_rest;
    std::unique_lock lock(mutex_);
    for (;;) {
        changed_.wait(lock, [&] { return wanted_ || stopping_; });
        changed_.wait_until(lock, rest_until_, [&] { return stopping_; });
        if (stopping_) return;
        lock.unlock();
        const Clock::time_point began = Clock::now();
        const Next next = serve();
        lock.lock();
        if (Clock::now() - began > long_enough) rest = first_rest;
        if (next == Next::after_a_rest) {
            rest_until_ = Clock::now() + rest;
            rest = std::min<std::chrono::milliseconds>(2 * rest, longest_rest);
        }
        changed_.notify_all();
    }
}

// From its start to its end.
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
        const std::lock_guard lock(mutex_);
        wanted_ = false;
        failure_ = failure;
        endpoint_ = started;
        ++(started ? starts_ : failed_starts_);
        if (failure) rest_until_ = Clock::now() + first_rest; // at least; run() knows better
    }
    changed_.notify_all();
    if (failure) {
        host_.log(LogLevel::warning, failure->what());
        return Next::after_a_rest;
    }
    host_.log(LogLevel::info, "kubectl proxy serves.");
    Next next = Next::after_a_rest;
    try {
        next = watch(*process, started);
    } catch (const std::exception &error) {
        host_.log(LogLevel::error, std::string("kubectl proxy can't be watched and is ended: ") + error.what() + ".");
    }
    const std::lock_guard lock(mutex_);
    endpoint_ = nullptr;
    wanted_ = true; // what was in use shall be warm again
    return next;
}

// Throws when it does not come to listen.
std::shared_ptr<Endpoint> Proxy::start(std::optional<ProxyProcess> &process) {
    environment_.kubeconfig().check();
    std::string files = stamp_of(environment_.files()); // before they are read: a change in between is seen then
    std::string ns = settings_.ns.empty()
                         ? ask_default_namespace(settings_, credentials_, environment_, [this] { return is_stopping(); })
                         : settings_.ns;
    FileDescriptor socket;
    // For servers whose URL has a path. kubectl 1.20 does not have the flag yet.
    constexpr const char *flag = "--append-server-path";
    if (appends_path_) socket = listen(process, {"proxy", std::string(flag) + "=true"});
    if (!socket && process->has_ended() && process->errors().find(std::string("unknown flag: ") + flag) != std::string::npos)
        appends_path_ = false;
    if (!appends_path_) socket = listen(process, {"proxy"});
    if (socket) return std::make_shared<Endpoint>(std::move(socket), std::move(ns), std::move(files));
    if (is_stopping()) throw Error(Code::cancelled, "The driver was ended while kubectl proxy was starting.");
    if (!process->has_ended())
        throw Error(Code::unavailable, "kubectl proxy did not begin to serve within 15 s and was ended.", Retry::later);
    const Error read = read_error(sort_error_text(process->take_errors()), 1, false);
    throw Error(read.code,
                "kubectl proxy " + process->how_it_ended() + " before it served: " + credentials_.without_secrets(read.what()),
                read.retry);
}

// No value: it ended before, or did not come to listen in time.
FileDescriptor Proxy::listen(std::optional<ProxyProcess> &process, Words command) const {
    try {
        process.emplace(Program{settings_.kubectl,
                                command_line({settings_, credentials_, environment_.cache_folder()}, command, {}, std::nullopt),
                                environment_.variables(), -1, credentials_.inherited()},
                        environment_.socket_folder());
    } catch (const std::system_error &error) {
        throw cant_be_run(settings_.kubectl, error.code().value());
    }
    return process->wait_until_listening(Clock::now() + time_to_start, [this] { return is_stopping(); });
}

std::string Proxy::known_namespace() const {
    const std::lock_guard lock(mutex_);
    return endpoint_ ? endpoint_->default_namespace : std::string();
}

// Until it has ended, was found to hang or to talk nonsense, or is to be ended.
Proxy::Next Proxy::watch(ProxyProcess &process, const std::shared_ptr<Endpoint> &endpoint) {
    std::string end;
    while (end.empty()) {
        const ProxyProcess::Event event = process.wait(wake_.get());
        log_errors(process);
        if (event == ProxyProcess::Event::ended) {
            end = process.how_it_ended();
            break;
        }
        if (event == ProxyProcess::Event::spoke) continue;
        std::uint64_t count = 0;
        static_cast<void>(!::read(wake_.get(), &count, sizeof count));
        std::unique_lock lock(mutex_);
        if (stopping_) return Next::at_once;
        if (std::exchange(outdated_, nullptr) == endpoint) {
            const std::string why = why_outdated_;
            lock.unlock();
            host_.log(LogLevel::info, why + ": kubectl proxy is started anew.");
            wait_until_unused(endpoint);
            return Next::at_once;
        }
        const bool is_suspect = suspect_ == endpoint;
        suspect_ = nullptr;
        if (condemned_ == endpoint) end = "answered with what is not HTTP and was ended";
        condemned_ = nullptr;
        lock.unlock();
        if (end.empty() && is_suspect && !ProxyProcess::answers(*endpoint, Clock::now() + time_to_answer))
            end = process.has_ended() ? process.how_it_ended() : "did not answer any more and was ended";
    }
    host_.log(LogLevel::warning, "kubectl proxy " + end + "; another one is started.");
    return Next::after_a_rest;
}

// By anybody but its watcher. No event tells.
void Proxy::wait_until_unused(const std::shared_ptr<Endpoint> &endpoint) const {
    const Clock::time_point until = Clock::now() + time_to_finish;
    while (endpoint.use_count() > 1 && Clock::now() < until && !is_stopping()) std::this_thread::sleep_for(5ms);
}

void Proxy::log_errors(ProxyProcess &process) {
    const ErrorText text = sort_error_text(process.take_errors());
    for (const std::string &line : text.log) host_.log(LogLevel::debug, "kubectl proxy: " + credentials_.without_secrets(line));
    if (text.message.empty()) return;
    std::string words = credentials_.without_secrets(text.message);
    host_.log(LogLevel::debug, "kubectl proxy: " + words);
    constexpr std::size_t most = 500;
    if (words.size() > most) words = "…" + well_formed(words.substr(words.size() - most));
    const std::lock_guard lock(mutex_);
    last_words_ = std::move(words);
}

void Proxy::wake() const {
    const std::uint64_t one = 1;
    static_cast<void>(!::write(wake_.get(), &one, sizeof one));
}

bool Proxy::is_stopping() const {
    const std::lock_guard lock(mutex_);
    return stopping_;
}

} // namespace rsf::kubectl
