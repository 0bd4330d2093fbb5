// SPDX-License-Identifier: Apache-2.0
#include "http/server.hpp"

#include "http/listener.hpp"

#include <thread>

namespace rsf::daemon {

class Server::Impl {
  public:
    Impl(Options options, Targets targets, Log log)
        : workers_(std::make_shared<net::thread_pool>(options.workers)), threads_wanted_(options.threads),
          context_(static_cast<int>(options.threads)) {
        hall_.limits = options.limits;
        hall_.log = log;
        hall_.api = std::make_shared<Api>(
            std::move(targets), options.limits.parse,
            // Weak: work that waits in the pool must not keep the pool.
            [weak = std::weak_ptr(workers_)](std::function<void()> work) {
                if (const auto pool = weak.lock()) net::post(*pool, std::move(work));
            },
            log);
    }

    ~Impl() {
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
        for (std::size_t i = 0; i < threads_wanted_; ++i) threads_.emplace_back([this] { context_.run(); });
    }

    std::vector<std::string> addresses() const {
        std::vector<std::string> list;
        for (const auto &listener : listeners_) list.push_back(listener->address());
        return list;
    }

    void replace(Targets targets) { hall_.api->replace(std::move(targets)); }

    void stop_accepting() {
        hall_.census.drain();
        hall_.api->go_down();
        for (const auto &listener : listeners_) listener->stop();
        for (const auto &session : hall_.sessions.all()) session->drain();
    }

    bool wait_idle(std::chrono::steady_clock::time_point until) { return hall_.census.wait_idle(until); }

  private:
    Hall hall_; // outlives context_, whose handlers use it
    std::shared_ptr<net::thread_pool> workers_;
    const std::size_t threads_wanted_;
    net::io_context context_;
    std::vector<std::shared_ptr<Listener>> listeners_;
    std::vector<std::thread> threads_;
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
void Server::stop_accepting() { impl_->stop_accepting(); }
bool Server::wait_idle(std::chrono::steady_clock::time_point until) { return impl_->wait_idle(until); }

} // namespace rsf::daemon
