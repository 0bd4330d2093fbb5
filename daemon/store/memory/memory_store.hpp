// SPDX-License-Identifier: Apache-2.0
//
// A store that nothing survives: for `./dev demo`, tests, and machines that have nowhere to keep one. Commits at once, on the
// caller's thread. Operations that have ended are forgotten, oldest first, when all together take more than most bytes, about.
// Thread-safe.
#pragma once

#include "shared/mutex.hpp"
#include "store/store.hpp"

#include <map>
#include <set>

namespace rsf::store {

class MemoryStore final : public Store {
  public:
    explicit MemoryStore(std::size_t most = std::size_t{64} << 20);

    void commit(std::vector<Change> batch, Done done) override;
    Result<std::optional<Operation>> find(const std::string &id) override;
    Result<Page> list(const Filter &filter, std::size_t limit, const std::string &after) override;
    Result<std::vector<Operation>> unfinished() override;
    Result<std::optional<KeyUse>> key(const std::string &caller, const std::string &text, Time at) override;
    Result<std::size_t> count() override;
    Health health() const override { return {}; }
    std::string name() const override { return "memory"; }
    bool outlasts_daemon() const override { return false; }

  private:
    struct Kept {
        Operation operation;
        std::size_t size = 0;
    };
    using Operations = std::map<std::string, Kept>;

    Result<void> refusal(const std::vector<Change> &batch) const REQUIRES(mutex_);
    void carry_out(Begin change) REQUIRES(mutex_);
    void carry_out(Progress change) REQUIRES(mutex_);
    void carry_out(End change) REQUIRES(mutex_);
    void carry_out(const Prune &change) REQUIRES(mutex_);
    void measure(Kept &kept) REQUIRES(mutex_);
    void forget(Operations::iterator which) REQUIRES(mutex_);

    const std::size_t most_;

    mutable shared::Mutex mutex_;
    Operations operations_ GUARDED_BY(mutex_);
    std::set<std::string> unfinished_ GUARDED_BY(mutex_);
    std::map<std::pair<std::string, std::string>, std::string> keys_ GUARDED_BY(mutex_); // whose operation is in operations_
    std::size_t size_ GUARDED_BY(mutex_) = 0;
};

} // namespace rsf::store
