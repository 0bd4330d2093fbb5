// SPDX-License-Identifier: Apache-2.0
#include "http/server.hpp"

#include "base/memory.hpp"
#include "http/heartbeat.hpp"
#include "http/listen/listener.hpp"
#include "http/workers.hpp"

#include <algorithm>
#include <pthread.h>
#include <thread>
#include <utility>

namespace rsf::http {

namespace {

constexpr std::chrono::milliseconds beat_time{500};

} // namespace

class Server::Impl {
  public:
    Impl(Options options, std::shared_ptr<Handler> handler, Log log)
        : state_(options.limits, options.hosts, std::move(handler), options.metrics, std::move(options.memory), std::move(log)),
          workers_(std::move(options.workers)), context_(static_cast<int>(options.threads)), heartbeats_(options.threads),
          watch_(options.metrics->watch([this] { return now(); })) {}

    ~Impl() {
        watch_.reset();
        stop_accepting();
        context_.stop();
        for (std::thread &thread : threads_) thread.join();
        for (const auto &connection : state_.connections.all()) connection->retire();
        for (const auto &workers : workers_) workers->join();
    }

    void listen(std::vector<Endpoint> endpoints) {
        for (Endpoint &endpoint : endpoints)
            listeners_.push_back(std::make_shared<Listener>(context_, std::move(endpoint), state_));
    }

    void start() {
        for (const auto &listener : listeners_) {
            listener->start();
            state_.log->info("listening on {}", listener->address());
        }
        for (Heartbeat &heartbeat : heartbeats_) {
            threads_.emplace_back([this, &heartbeat] { turn(heartbeat); });
            pthread_setname_np(threads_.back().native_handle(), "http");
        }
    }

    std::vector<std::string> addresses() const {
        std::vector<std::string> list;
        for (const auto &listener : listeners_) list.push_back(listener->address());
        return list;
    }

    void replace(const HttpLimits &limits) {
        state_.limits.replace(limits);
        for (std::size_t closed = state_.connections.shrink(limits.connections); closed > 0; --closed)
            state_.refusals.add(Refused::displaced);
        for (const auto &connection : state_.connections.all()) connection->limits_changed();
    }

    void replace_hosts(const std::vector<std::string> &hosts) { state_.hosts.replace(hosts); }

    void stop_accepting() {
        state_.in_flight.drain();
        state_.handler->go_down();
        for (const auto &listener : listeners_) listener->stop();
        for (const auto &connection : state_.connections.all()) connection->drain();
    }

    bool wait_idle(std::chrono::steady_clock::time_point until) { return state_.in_flight.wait_idle(until); }

    std::optional<std::string> stuck(std::chrono::steady_clock::duration longer_than) const {
        const auto is_stuck = [&](const Heartbeat &heartbeat) { return heartbeat.is_older_than(longer_than); };
        if (const auto count = std::ranges::count_if(heartbeats_, is_stuck); count != 0)
            return std::to_string(count) + " of " + std::to_string(heartbeats_.size()) + " threads that serve connections hang";
        for (const auto &listener : listeners_)
            if (listener->has_failed()) return "no connections to " + listener->address() + " are accepted";
        for (const auto &workers : workers_)
            if (workers->stuck(longer_than)) return "every thread that " + workers->what() + " hangs";
        return std::nullopt;
    }

    metrics::ServerNow now() const {
        metrics::ServerNow now{state_.in_flight.under_way(), state_.connections.count(), {}, state_.faults, state_.abandoned};
        const Refusals::Counts counts = state_.refusals.counts();
        for (std::size_t i = 0; i < counts.size(); ++i) now.refused.emplace_back(Refusals::names[i], counts[i]);
        return now;
    }

  private:
    // One thread of the event loop. It leaves the loop regularly, to show that it is not stuck.
    void turn(Heartbeat &heartbeat) {
        for (MemoryRelease memory; !context_.stopped();) {
            heartbeat.beat();
            const bool worked = context_.run_for(beat_time) != 0;
            if (worked) memory.worked();
            if (worked ? !memory.is_overdue() : !memory.is_due()) continue;
            memory.release();
            for (const auto &workers : workers_) workers->give_memory_back();
        }
        heartbeat.pause();
    }

    ServerState state_; // outlives context_, whose handlers use it
    const std::vector<std::shared_ptr<Workers>> workers_;
    net::io_context context_;
    std::vector<std::shared_ptr<Listener>> listeners_;
    std::vector<Heartbeat> heartbeats_; // one for each thread
    std::vector<std::thread> threads_;
    std::shared_ptr<void> watch_; // last: it looks at the others
};

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Server::~Server() = default;

Result<std::unique_ptr<Server>> Server::bind(Options options, std::shared_ptr<Handler> handler, Log log) {
    auto endpoints = open_endpoints(options.listen, options.insecure_listen);
    if (!endpoints) return endpoints.error();
    auto impl = std::make_unique<Impl>(std::move(options), std::move(handler), std::move(log));
    impl->listen(std::move(*endpoints));
    return std::unique_ptr<Server>(new Server(std::move(impl)));
}

void Server::start() { impl_->start(); }
std::vector<std::string> Server::addresses() const { return impl_->addresses(); }
void Server::replace(const HttpLimits &limits) { impl_->replace(limits); }
void Server::replace_hosts(const std::vector<std::string> &hosts) { impl_->replace_hosts(hosts); }
std::vector<std::pair<std::string_view, std::uint64_t>> Server::refused() const { return impl_->now().refused; }
void Server::stop_accepting() { impl_->stop_accepting(); }
std::optional<std::string> Server::stuck(std::chrono::steady_clock::duration longer_than) const {
    return impl_->stuck(longer_than);
}
bool Server::wait_idle(std::chrono::steady_clock::time_point until) { return impl_->wait_idle(until); }

} // namespace rsf::http
