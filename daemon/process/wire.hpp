// SPDX-License-Identifier: Apache-2.0
//
// Values as bytes and back, between two processes of one build on one machine: in their memory representation, texts and lists
// with their length before them. A function fields() for each type lists what is written and read. Texts that may be large come
// last: they are sent without a copy, and may be left out without losing the others. Single-threaded.
#pragma once

#include <bit>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace rsf::process::wire {

constexpr std::uint64_t longest_list = 1'000'000;

template <class T>
concept Plain = std::is_integral_v<T> || std::is_enum_v<T>;

// A text that may be large.
struct Late {
    std::string &text;
    std::uint64_t &dropped; // its bytes, where it was left out
};

class Writer {
  public:
    // reserved: bytes at the beginning that the caller fills later.
    explicit Writer(std::size_t reserved = 0) : bytes_(reserved, '\0') {}

    template <class... T> void operator()(const T &...values) { (put(values), ...); }
    std::string take() { return std::move(bytes_); }
    // The late texts, which come after the bytes: views of the values that were written.
    const std::vector<std::string_view> &late() const { return late_; }

  private:
    template <Plain T> void put(T value) { bytes_.append(reinterpret_cast<const char *>(&value), sizeof value); }
    void put(std::string_view text) {
        put(std::uint64_t{text.size()});
        bytes_ += text;
    }
    void put(const std::string &text) { put(std::string_view(text)); }
    void put(std::chrono::steady_clock::time_point time) { put(std::int64_t{time.time_since_epoch().count()}); }
    template <class T> void put(const std::vector<T> &list) {
        put(std::uint64_t{list.size()});
        for (const T &value : list) put(value);
    }
    void put(const Late &late) {
        put(std::uint64_t{late.text.size()});
        put(late.dropped);
        if (!late.text.empty()) late_.push_back(late.text);
    }
    template <class T>
    requires(!Plain<T>) void put(const T &value) {
        fields(*this, const_cast<T &>(value)); // a writer changes nothing
    }

    std::string bytes_;
    std::vector<std::string_view> late_;
};

// Trusts nothing in the bytes: once they do not fit, everything reads as it was and is_whole() is false.
class Reader {
  public:
    explicit Reader(std::string_view bytes) : left_(bytes) {}
    // late: the late texts, which are moved out of it; without_late: they were left out.
    Reader(std::string_view bytes, std::string &late, bool without_late)
        : left_(bytes), late_(&late), without_late_(without_late) {}

    template <class... T> void operator()(T &&...values) { (get(values), ...); }
    // For an impossible value.
    void refuse() { good_ = false; }
    // Whether all was there, and nothing more.
    bool is_whole() const { return good_ && left_.empty() && (late_ == nullptr || late_taken_ == late_->size()); }

  private:
    template <Plain T> void get(T &value) {
        using Bytes = std::conditional_t<std::is_same_v<T, bool>, unsigned char, T>;
        Bytes read{};
        if (const std::string_view raw = cut(sizeof read); good_) {
            std::memcpy(&read, raw.data(), sizeof read);
            value = static_cast<T>(read);
        }
    }
    void get(std::string &text) {
        std::uint64_t size = 0;
        get(size);
        text = cut(size);
    }
    void get(std::chrono::steady_clock::time_point &time) {
        std::int64_t count = 0;
        get(count);
        time = std::chrono::steady_clock::time_point(std::chrono::steady_clock::duration(count));
    }
    template <class T> void get(std::vector<T> &list) {
        std::uint64_t size = 0;
        get(size);
        // Every value takes a byte at least: no more are made than the bytes can hold, and at most longest_list.
        good_ = good_ && size <= left_.size() && size <= longest_list;
        for (std::uint64_t i = 0; good_ && i < size; ++i) get(list.emplace_back());
    }
    void get(Late &late) {
        std::uint64_t size = 0;
        get(size);
        get(late.dropped);
        if (without_late_) {
            late.dropped += good_ ? size : 0;
            return;
        }
        good_ = good_ && size <= (late_ ? late_->size() - late_taken_ : 0);
        if (!good_ || size == 0) return;
        if (size == late_->size()) {
            late.text = std::move(*late_); // the only one, as nearly always
            late_->clear();
            return;
        }
        late.text.assign(*late_, late_taken_, size);
        late_taken_ += size;
    }
    template <class T>
    requires(!Plain<T>) void get(T &value) { fields(*this, value); }

    std::string_view cut(std::uint64_t size) {
        good_ = good_ && size <= left_.size();
        if (!good_) return {};
        const std::string_view front = left_.substr(0, size);
        left_.remove_prefix(size);
        return front;
    }

    std::string_view left_;
    std::string *late_ = nullptr;
    std::size_t late_taken_ = 0;
    bool without_late_ = false;
    bool good_ = true;
};

} // namespace rsf::process::wire
