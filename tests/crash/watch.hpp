// SPDX-License-Identifier: Apache-2.0
//
// All that happens to the objects of a target in the real cluster, as the API server tells whoever watches. It is followed over
// the API server's restarts, since etcd keeps the history. Thread-safe.
#pragma once

#include "crash/cluster.hpp"

#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <sys/types.h>
#include <thread>
#include <vector>

namespace rsf::test::crash {

class Watch {
  public:
    Watch(const Clusters &clusters, const Target &target);
    ~Watch();
    Watch(const Watch &) = delete;
    Watch &operator=(const Watch &) = delete;

    // What happened since the last call, by object, up to this moment: an object that is made now marks it. Nothing: the API
    // server has forgotten a part of it, or does not answer.
    std::optional<std::map<std::string, std::vector<Event>>> take();

  private:
    void follow();
    void read_lines(int descriptor);
    void heed(const std::string &line);

    const Clusters &clusters_;
    const Target target_;
    int marks_ = 0;

    std::mutex mutex_;
    std::condition_variable changed_;
    std::map<std::string, std::vector<Event>> events_;
    std::string revision_; // of the last event
    std::string mark_;     // the last one that was seen
    bool has_gap_ = false; // events are missing; from then on all are
    bool stopping_ = false;
    pid_t kubectl_ = -1;
    std::thread thread_; // last: it uses all of the above
};

} // namespace rsf::test::crash
