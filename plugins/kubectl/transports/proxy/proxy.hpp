// SPDX-License-Identifier: Apache-2.0
//
// The `kubectl proxy` of one driver instance, kept running from its first use on: a call, or the first check of the cluster. One
// that ended, hangs or answers with what is not HTTP is replaced, with growing pauses. One whose kubeconfig has changed is
// replaced at once, and ended when the calls that use it have ended. Thread-safe. A thread of its own starts and watches the
// process: a child dies with the thread that started it.
#pragma once

#include "kubectl/settings/credentials.hpp"
#include "kubectl/settings/environment.hpp"
#include "kubectl/settings/settings.hpp"
#include "kubectl/transports/command_line.hpp"
#include "kubectl/transports/proxy/proxy_process.hpp"
#include "kubectl/transports/reach.hpp"
#include "shared/mutex.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <thread>

namespace rsf::kubectl::transports {

class Proxy {
  public:
    using Clock = std::chrono::steady_clock;

    // All but host outlive it.
    Proxy(Host host, const settings::Settings &settings, const settings::Credentials &credentials,
          const settings::Environment &environment);
    ~Proxy(); // ends it

    // The running proxy; starts one if there is none. Throws Error when it can't be started or the deadline passes. The process
    // may end at any time.
    std::shared_ptr<Endpoint> endpoint(const process::Deadline &deadline);

    // The namespace of the context if a proxy runs, else empty. Does not block.
    std::string known_namespace() const;

    // A request to it failed: checks whether it still answers, and replaces it if not. Returns at once.
    void suspect(const std::shared_ptr<Endpoint> &endpoint);
    // It answered with what is not HTTP: replaces it. Returns at once.
    void condemn(const std::shared_ptr<Endpoint> &endpoint);

    // The cluster does not accept the credentials (401): the files that the proxy read at its start may have changed since.
    // True: another proxy takes its place, and the request should be sent once more. At most once in 10 s.
    bool renew(const std::shared_ptr<Endpoint> &endpoint);

    // A call's result: the cluster answered through it, or why it did not. A cluster that is not reached or does not accept the
    // credentials, and a credential program that fails, make the target unready until a call or a check in the background
    // succeeds. So does an answer that did not come in time, if the check gets none either.
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
    process::FileDescriptor listen(std::optional<ProxyProcess> &process, Words command) const;
    std::string watch(ProxyProcess &process, const std::shared_ptr<Endpoint> &endpoint);
    void wait_until_unused(const Endpoint &endpoint) const;
    void log_errors(ProxyProcess &process);
    void replace_outdated() REQUIRES(mutex_);
    Reach::Probe ask(const process::Event &stop, std::chrono::milliseconds at_most);
    bool renews_for_check(const std::shared_ptr<Endpoint> &endpoint);

    const Host host_;
    const settings::Settings &settings_;
    const settings::Credentials &credentials_;
    const settings::Environment &environment_;
    const process::Event wake_; // set when the thread has something to do
    const process::Event stop_; // set in the destructor

    mutable shared::Mutex mutex_;
    mutable shared::Condition changed_;
    bool stopping_ GUARDED_BY(mutex_) = false;
    mutable bool wanted_ GUARDED_BY(mutex_) = false;        // a call waits for one
    std::shared_ptr<Endpoint> endpoint_ GUARDED_BY(mutex_); // lent; null: none runs
    // What callers found out about the running one.
    bool suspect_ GUARDED_BY(mutex_) = false;
    bool condemned_ GUARDED_BY(mutex_) = false;
    bool outdated_ GUARDED_BY(mutex_) = false;
    std::optional<Error> failure_ GUARDED_BY(mutex_);      // why the last one could not be started
    std::uint64_t failed_starts_ GUARDED_BY(mutex_) = 0;   // ever
    std::uint64_t starts_ GUARDED_BY(mutex_) = 0;          // ever that came to listen
    Clock::time_point backoff_until_ GUARDED_BY(mutex_){}; // no start before this
    Clock::time_point renewed_ GUARDED_BY(mutex_){};       // when one was replaced for a 401
    std::string why_outdated_ GUARDED_BY(mutex_);
    // The last lines that the proxy, or a program that it ran, wrote to standard error.
    std::string last_words_ GUARDED_BY(mutex_);

    bool appends_path_ = true;              // used by the thread only: false once this kubectl turned out to lack the flag
    Clock::time_point renewed_for_check_{}; // used by reach_'s thread only

    mutable Reach reach_; // its thread uses all of the above
    std::thread thread_;  // last: it uses all of the above
};

} // namespace rsf::kubectl::transports
