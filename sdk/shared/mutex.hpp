// SPDX-License-Identifier: Apache-2.0
//
// std::mutex, std::unique_lock and std::condition_variable with the attributes of clang's thread-safety analysis: a member that
// is GUARDED_BY(mutex_) is used under its lock only, and a function that REQUIRES(mutex_) is called under it only. Lint checks
// it; g++ sees no attributes. The names are those of https://clang.llvm.org/docs/ThreadSafetyAnalysis.html. All types are
// thread-safe but Lock, which belongs to one thread.
//
// The analysis looks at each lambda as at a function of its own, so that one that uses guarded members says what it needs:
//     changed_.wait(lock, [&]() REQUIRES(mutex_) { return done_; });
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <utility>

#ifdef __clang__
#define RSF_THREAD_ATTRIBUTE(x) __attribute__((x))
#else
#define RSF_THREAD_ATTRIBUTE(x)
#endif

#define CAPABILITY(name) RSF_THREAD_ATTRIBUTE(capability(name))
#define SCOPED_CAPABILITY RSF_THREAD_ATTRIBUTE(scoped_lockable)
#define GUARDED_BY(mutex) RSF_THREAD_ATTRIBUTE(guarded_by(mutex))
#define REQUIRES(...) RSF_THREAD_ATTRIBUTE(requires_capability(__VA_ARGS__))
#define ACQUIRE(...) RSF_THREAD_ATTRIBUTE(acquire_capability(__VA_ARGS__))
#define RELEASE(...) RSF_THREAD_ATTRIBUTE(release_capability(__VA_ARGS__))
#define NO_THREAD_SAFETY_ANALYSIS RSF_THREAD_ATTRIBUTE(no_thread_safety_analysis)

namespace rsf::shared {

class CAPABILITY("mutex") Mutex {
  public:
    void lock() ACQUIRE() { mutex_.lock(); }
    void unlock() RELEASE() { mutex_.unlock(); }

  private:
    friend class Lock;
    std::mutex mutex_;
};

// Holds a mutex until its end, but for the time between unlock() and lock().
class SCOPED_CAPABILITY Lock {
  public:
    explicit Lock(Mutex &mutex) ACQUIRE(mutex) : lock_(mutex.mutex_) {}
    ~Lock() RELEASE() = default;
    Lock(const Lock &) = delete;
    Lock &operator=(const Lock &) = delete;

    void lock() ACQUIRE() { lock_.lock(); }
    void unlock() RELEASE() { lock_.unlock(); }

  private:
    friend class Condition;
    std::unique_lock<std::mutex> lock_;
};

// Each wait releases the lock meanwhile and holds it again when it returns.
class Condition {
  public:
    void notify_one() { changed_.notify_one(); }
    void notify_all() { changed_.notify_all(); }

    void wait(Lock &lock) { changed_.wait(lock.lock_); }
    template <class Ready> void wait(Lock &lock, Ready ready) { changed_.wait(lock.lock_, std::move(ready)); }

    template <class Clock, class Duration>
    std::cv_status wait_until(Lock &lock, const std::chrono::time_point<Clock, Duration> &time) {
        return changed_.wait_until(lock.lock_, time);
    }
    // Whether it is ready.
    template <class Clock, class Duration, class Ready>
    bool wait_until(Lock &lock, const std::chrono::time_point<Clock, Duration> &time, Ready ready) {
        return changed_.wait_until(lock.lock_, time, std::move(ready));
    }

    template <class Rep, class Period> std::cv_status wait_for(Lock &lock, const std::chrono::duration<Rep, Period> &time) {
        return changed_.wait_for(lock.lock_, time);
    }
    // Whether it is ready.
    template <class Rep, class Period, class Ready>
    bool wait_for(Lock &lock, const std::chrono::duration<Rep, Period> &time, Ready ready) {
        return changed_.wait_for(lock.lock_, time, std::move(ready));
    }

  private:
    std::condition_variable changed_;
};

} // namespace rsf::shared
