// SPDX-License-Identifier: Apache-2.0
//
// The `kubectl proxy` of one driver instance, kept running from its first use on: one that ended, hangs or talks nonsense is
// replaced, with growing pauses; so is one whose kubeconfig has changed, once the calls that use it have ended. Thread-safe. A
// thread of its own starts and watches it, since a child dies with the thread that started it.
#pragma once

#include "command_line.hpp"
#include "credentials.hpp"
#include "environment.hpp"
#include "proxy_process.hpp"
#include "reach.hpp"
#include "settings.hpp"

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

namespace rsf::kubectl {

class Proxy {
  public:
    using Clock = std::chrono::steady_clock;

    // All but host outlive it.
    Proxy(Host host, const Settings &settings, const Credentials &credentials, const Environment &environment);
    ~Proxy(); // ends it

    // What runs now; starts it first if need be. Throws Error: it can't be started, or patience is over. It may end at any time.
    std::shared_ptr<Endpoint> endpoint(const Patience &patience);

    // The namespace of the context, if one runs; else empty. Waits for nothing.
    std::string known_namespace() const;

    // Something went wrong with it: look whether it still answers, and replace it if not. Returns at once.
    void suspect(const std::shared_ptr<Endpoint> &endpoint);
    // It talks nonsense: replace it. Returns at once.
    void condemn(const std::shared_ptr<Endpoint> &endpoint);

    // The cluster does not know who is asking (401): what the proxy read at its start may have been renewed since. Whether
    // another one takes its place, so that it is worth to ask once more; not again and again while nothing is better.
    bool renew(const std::shared_ptr<Endpoint> &endpoint);

    // The cluster answered through it, or why it did not: it was not reached, it does not know who is asking, or a program that
    // gets credentials failed. That makes the target unready until it is mended; so does silence, if a look in the background
    // finds it too.
    void note_answer(const std::shared_ptr<Endpoint> &endpoint);
    void note_out_of_touch(const std::string &why) { reach_.note_refusal(why); }
    void note_silence() { reach_.note_silence("The cluster did not answer in time."); }

    // {"ok", "reason", "proxy", "restarts"}, as rsf.health/1 has it. Returns at once.
    json::object health() const;

  private:
    enum class Next { at_once, after_a_rest };

    void run();
    Next serve();
    std::shared_ptr<Endpoint> start(std::optional<ProxyProcess> &process);
    FileDescriptor listen(std::optional<ProxyProcess> &process, Words command) const;
    Next watch(ProxyProcess &process, const std::shared_ptr<Endpoint> &endpoint);
    void wait_until_unused(const std::shared_ptr<Endpoint> &endpoint) const;
    void log_errors(ProxyProcess &process);
    void replace_outdated();
    bool is_current(const std::shared_ptr<Endpoint> &endpoint) const;
    Reach::Look ask(const std::function<bool()> &stop);
    Reach::Look ask(const std::shared_ptr<Endpoint> &endpoint, const Patience &patience);
    void wake() const;
    bool is_stopping() const;

    const Host host_;
    const Settings &settings_;
    const Credentials &credentials_;
    const Environment &environment_;
    const FileDescriptor wake_; // an eventfd

    mutable std::mutex mutex_;
    mutable std::condition_variable changed_;
    // Guarded by mutex_:
    bool stopping_ = false;
    mutable bool wanted_ = false;        // somebody waits for it
    std::shared_ptr<Endpoint> endpoint_; // null: none runs
    std::shared_ptr<Endpoint> suspect_, condemned_, outdated_;
    std::optional<Error> failure_;    // why the last one could not be started, or ended
    std::uint64_t failed_starts_ = 0; // ever
    std::uint64_t starts_ = 0;        // ever that came to listen
    Clock::time_point rest_until_{};  // no start before
    Clock::time_point renewed_{};     // when one was replaced for a 401
    std::string why_outdated_;
    std::string last_words_; // what the proxy, or a program that it ran, last wrote to standard error

    bool appends_path_ = true; // the thread's alone: this kubectl is not known to lack the flag

    mutable Reach reach_; // its thread uses all of the above
    std::thread thread_;  // last: it uses all of the above
};

} // namespace rsf::kubectl
