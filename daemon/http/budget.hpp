// SPDX-License-Identifier: Apache-2.0
//
// What all requests together may take of something: places, or memory. Thread-safe, but a Share is for one owner at a time.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <utility>

namespace rsf::daemon {

class Budget {
  public:
    // Whether so much more fits below limit. It is taken if so.
    bool take(std::size_t amount, std::size_t limit) {
        std::size_t taken = taken_;
        do { // never more than there is, not even for a moment: another would be refused for it
            if (taken > limit || amount > limit - taken) return false;
        } while (!taken_.compare_exchange_weak(taken, taken + amount));
        return true;
    }
    void give_back(std::size_t amount) { taken_ -= amount; }
    bool has_room_for(std::size_t amount, std::size_t limit) const {
        const std::size_t taken = taken_;
        return taken <= limit && amount <= limit - taken;
    }
    std::size_t taken() const { return taken_; }

  private:
    std::atomic<std::size_t> taken_ = 0;
};

// What one request has of a budget; given back with the object.
class Share {
  public:
    Share(std::shared_ptr<Budget> budget, std::size_t limit) : budget_(std::move(budget)), limit_(limit) {}
    ~Share() { budget_->give_back(amount_); }
    Share(const Share &) = delete;
    Share &operator=(const Share &) = delete;

    // Whether it could have so much. What it has stays with it either way.
    bool grow_to(std::size_t amount) {
        if (amount <= amount_) return true;
        refused_ = !budget_->take(amount - amount_, limit_);
        if (!refused_) amount_ = amount;
        return !refused_;
    }
    bool was_refused() const { return refused_; }

  private:
    const std::shared_ptr<Budget> budget_; // shares may outlive the server
    const std::size_t limit_;
    std::size_t amount_ = 0;
    bool refused_ = false;
};

} // namespace rsf::daemon
