// SPDX-License-Identifier: Apache-2.0
//
// What all requests together may take of something: places, or memory. Thread-safe.
#pragma once

#include "base/error.hpp"

#include <atomic>
#include <cstddef>
#include <memory>
#include <mutex>
#include <utility>

namespace rsf::base {

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

// Fewer bytes than that are not counted one by one: small answers are given also when there is no memory for large ones.
inline constexpr std::size_t small_memory = 4096;

// What one request has of a budget; given back with the object.
class Share {
  public:
    Share(std::shared_ptr<Budget> budget, std::size_t limit) : budget_(std::move(budget)), limit_(limit) {}
    ~Share() { budget_->give_back(amount_); }
    Share(const Share &) = delete;
    Share &operator=(const Share &) = delete;

    // Whether it could have so much in all. What it has stays with it either way.
    bool grow_to(std::size_t amount) {
        const std::lock_guard lock(mutex_);
        return amount <= amount_ || take(amount - amount_);
    }
    // The same for so much more.
    bool add(std::size_t amount) {
        const std::lock_guard lock(mutex_);
        return take(amount);
    }
    // Something that was counted is freed.
    void give_back(std::size_t amount) {
        const std::lock_guard lock(mutex_);
        shrink_by(amount < amount_ ? amount : amount_);
    }
    // From now on so much is all of it. Whether it could be; it has no more than that in any case.
    bool settle(std::size_t amount) {
        const std::lock_guard lock(mutex_);
        if (amount <= amount_) return shrink_by(amount_ - amount), true;
        return take(amount - amount_);
    }
    std::size_t amount() const {
        const std::lock_guard lock(mutex_);
        return amount_;
    }
    // Whether it was ever refused anything.
    bool was_refused() const { return refused_; }

    // For what is a part of the same request, and is gone before it. Its refusals are its own.
    std::shared_ptr<Share> another() const { return std::make_shared<Share>(budget_, limit_); }
    void note_refusal() { refused_ = true; }

  private:
    bool take(std::size_t amount) {
        const bool taken = budget_->take(amount, limit_);
        if (taken)
            amount_ += amount;
        else
            refused_ = true;
        return taken;
    }
    void shrink_by(std::size_t amount) {
        budget_->give_back(amount);
        amount_ -= amount;
    }

    const std::shared_ptr<Budget> budget_; // shares may outlive the server
    const std::size_t limit_;
    mutable std::mutex mutex_;
    std::size_t amount_ = 0; // guarded by mutex_
    std::atomic<bool> refused_ = false;
};

} // namespace rsf::base
