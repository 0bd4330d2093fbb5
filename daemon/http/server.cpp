// SPDX-License-Identifier: Apache-2.0
#include "http/server.hpp"

#include "base/memory.hpp"
#include "http/listener.hpp"
#include "http/pulse.hpp"
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
    Impl(Options options, Targets targets, Log log)
        : hall_(options.limits, options.hosts, log), workers_(std::make_shared<Workers>(options.workers)),
          context_(static_cast<int>(options.threads)), pulses_(options.threads) {
        hall_.api = std::make_shared<Api>(
            std::move(targets),
            // Weak: work that waits in the pool must not keep the pool.
            [weak = std::weak_ptr(workers_)](std::function<void()> work) {
                if (const auto workers = weak.lock()) workers->post(std::move(work));
            },
            options.metrics, log);
        hall_.metrics = options.metrics;
        watch_ = options.metrics->watch([this] { return now(); });
    }

    ~Impl() {
        watch_.reset();
        stop_accepting();
        context_.stop();
        for (std::thread &thread : threads_) thread.join();
        for (const auto &session : hall_.sessions.all()) session->retire();
        workers_->join();
    }

    void listen(std::vector<Endpoint> endpoints) {
        for (Endpoint &endpoint : endpoints)
            listeners_.push_back(std::make_shared<Listener>(context_, std::move(endpoint), hall_));
    }

    void start() {
        for (const auto &listener : listeners_) {
            listener->start();
            hall_.log->info("listening on {}", listener->address());
        }
        for (Pulse &pulse : pulses_) {
            threads_.emplace_back([this, &pulse] { turn(pulse); });
            pthread_setname_np(threads_.back().native_handle(), "http");
        }
    }

    std::vector<std::string> addresses() const {
        std::vector<std::string> list;
        for (const auto &listener : listeners_) list.push_back(listener->address());
        return list;
    }

    void replace(Targets targets) { hall_.api->replace(std::move(targets)); }

    void replace(const HttpLimits &limits) {
        hall_.limits.replace(limits);
        for (std::size_t closed = hall_.sessions.shrink(limits.connections); closed > 0; --closed)
            hall_.refusals.add(Refused::displaced);
        for (const auto &session : hall_.sessions.all()) session->limits_changed();
    }

    void replace_hosts(const std::vector<std::string> &hosts) { hall_.hosts.replace(hosts); }

    void stop_accepting() {
        hall_.census.drain();
        hall_.api->go_down();
        for (const auto &listener : listeners_) listener->stop();
        for (const auto &session : hall_.sessions.all()) session->drain();
    }

    bool wait_idle(std::chrono::steady_clock::time_point until) { return hall_.census.wait_idle(until); }

    std::optional<std::string> stuck(std::chrono::steady_clock::duration longer_than) const {
        const auto is_stuck = [&](const Pulse &pulse) { return pulse.is_older_than(longer_than); };
        if (const auto count = std::ranges::count_if(pulses_, is_stuck); count != 0)
            return std::to_string(count) + " of " + std::to_string(pulses_.size()) + " threads that serve connections hang";
        for (const auto &listener : listeners_)
            if (listener->has_failed()) return "nobody accepts connections to " + listener->address();
        if (workers_->stuck(longer_than)) return "every thread that reads bodies and writes answers hangs";
        if (hall_.api->is_stuck(longer_than)) return "every thread that answers probes and gives metrics hangs";
        return std::nullopt;
    }

    metrics::ServerNow now() const {
        metrics::ServerNow now{hall_.census.under_way(), hall_.sessions.count(), {}, hall_.faults};
        const Refusals::Counts counts = hall_.refusals.counts();
        for (std::size_t i = 0; i < counts.size(); ++i) now.refused.emplace_back(Refusals::names[i], counts[i]);
        return now;
    }

  private:
    // One thread of the loop. It comes back from it now and then, to show that it can.
    void turn(Pulse &pulse) {
        for (MemoryRest memory; !context_.stopped();) {
            pulse.beat();
            const bool worked = context_.run_for(beat_time) != 0;
            if (worked) memory.worked();
            if (worked ? !memory.is_overdue() : !memory.is_due()) continue;
            memory.rest();
            workers_->give_memory_back();
            hall_.api->give_memory_back();
        }
        pulse.rest();
    }

    Hall hall_; // outlives context_, whose handlers use it
    std::shared_ptr<Workers> workers_;
    net::io_context context_;
    std::vector<std::shared_ptr<Listener>> listeners_;
    std::vector<Pulse> pulses_; // one for each thread
    std::vector<std::thread> threads_;
    std::shared_ptr<void> watch_;
};

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Server::~Server() = default;

Result<std::unique_ptr<Server>> Server::bind(Options options, Targets targets, Log log) {
    auto endpoints = open_endpoints(options.listen, options.insecure_listen);
    if (!endpoints) return endpoints.error();
    auto impl = std::make_unique<Impl>(std::move(options), std::move(targets), std::move(log));
    impl->listen(std::move(*endpoints));
    return std::unique_ptr<Server>(new Server(std::move(impl)));
}

void Server::start() { impl_->start(); }
std::vector<std::string> Server::addresses() const { return impl_->addresses(); }
void Server::replace(Targets targets) { impl_->replace(std::move(targets)); }
void Server::replace(const HttpLimits &limits) { impl_->replace(limits); }
void Server::replace_hosts(const std::vector<std::string> &hosts) { impl_->replace_hosts(hosts); }
std::vector<std::pair<std::string_view, std::uint64_t>> Server::refused() const { return impl_->now().refused; }
void Server::stop_accepting() { impl_->stop_accepting(); }
std::optional<std::string> Server::stuck(std::chrono::steady_clock::duration longer_than) const {
    return impl_->stuck(longer_than);
}
bool Server::wait_idle(std::chrono::steady_clock::time_point until) { return impl_->wait_idle(until); }

} // namespace rsf::http
