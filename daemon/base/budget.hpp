// SPDX-License-Identifier: Apache-2.0
//
// A limited resource that all requests share: places, or memory. Thread-safe.
#pragma once

#include "base/error.hpp"
#include "shared/mutex.hpp"

#include <atomic>
#include <cstddef>
#include <memory>
#include <string_view>
#include <utility>

namespace rsf::base {

// The message when the memory is used up.
inline constexpr std::string_view memory_is_taken = "Requests and answers take as much memory as the daemon may use for them";

class Budget {
  public:
    // Takes amount if it fits below limit; whether it did.
    bool take(std::size_t amount, std::size_t limit) {
        std::size_t taken = taken_;
        do { // never above limit, not even for a moment: another request would be refused
            if (taken > limit || amount > limit - taken) return false;
        } while (!taken_.compare_exchange_weak(taken, taken + amount));
        return true;
    }
    void give_back(std::size_t amount) { taken_ -= amount; }
    // Takes amount, whether there is room for it or not.
    void take_anyway(std::size_t amount) { taken_ += amount; }
    bool has_room_for(std::size_t amount, std::size_t limit) const {
        const std::size_t taken = taken_;
        return taken <= limit && amount <= limit - taken;
    }
    std::size_t taken() const { return taken_; }

  private:
    std::atomic<std::size_t> taken_ = 0;
};

// Answers of at most this size are sent even when there is no memory for large ones.
inline constexpr std::size_t small_memory = 4096;

// One request's share of a budget; given back when it is destroyed.
class Share {
  public:
    Share(std::shared_ptr<Budget> budget, std::size_t limit) : budget_(std::move(budget)), limit_(limit) {}
    // For what is in memory already.
    Share(std::shared_ptr<Budget> budget, std::size_t limit, std::size_t amount)
        : budget_(std::move(budget)), limit_(limit), amount_(amount) {
        budget_->take_anyway(amount);
    }
    ~Share() { budget_->give_back(amount_); }
    Share(const Share &) = delete;
    Share &operator=(const Share &) = delete;

    // Grows the share to amount in all; whether that was possible. It never shrinks.
    bool grow_to(std::size_t amount) {
        const shared::Lock lock(mutex_);
        return amount <= amount_ || take(amount - amount_);
    }
    // The same for amount more.
    bool add(std::size_t amount) {
        const shared::Lock lock(mutex_);
        return take(amount);
    }
    // Gives amount back: what was counted is freed.
    void give_back(std::size_t amount) {
        const shared::Lock lock(mutex_);
        shrink_by(amount < amount_ ? amount : amount_);
    }
    // Sets the share to amount, whether more or less; false: it could not grow that far, and is not larger than amount either
    // way.
    bool settle(std::size_t amount) {
        const shared::Lock lock(mutex_);
        if (amount <= amount_) return shrink_by(amount_ - amount), true;
        return take(amount - amount_);
    }
    std::size_t amount() const {
        const shared::Lock lock(mutex_);
        return amount_;
    }
    std::size_t limit() const { return limit_; }
    // Whether it was ever refused memory.
    bool was_refused() const { return refused_; }

    // All of it, for what outlives the request. This one begins anew.
    std::shared_ptr<Share> split_off() {
        const std::shared_ptr<Share> other = another();
        const shared::Lock lock(mutex_), others(other->mutex_);
        other->amount_ = std::exchange(amount_, 0);
        return other;
    }

    // A further share for a part of the same request, which ends first. Its refusals are its own.
    std::shared_ptr<Share> another() const { return std::make_shared<Share>(budget_, limit_); }
    void note_refusal() { refused_ = true; }

  private:
    bool take(std::size_t amount) REQUIRES(mutex_) {
        const bool taken = budget_->take(amount, limit_);
        if (taken)
            amount_ += amount;
        else
            refused_ = true;
        return taken;
    }
    void shrink_by(std::size_t amount) REQUIRES(mutex_) {
        budget_->give_back(amount);
        amount_ -= amount;
    }

    const std::shared_ptr<Budget> budget_; // shares may outlive the server
    const std::size_t limit_;
    mutable shared::Mutex mutex_;
    std::size_t amount_ GUARDED_BY(mutex_) = 0;
    std::atomic<bool> refused_ = false;
};

} // namespace rsf::base
