// SPDX-License-Identifier: Apache-2.0
//
// Feeds a text to yaml-cpp piece by piece and stops when yaml-cpp reads far ahead without an event. It keeps every token of an
// outermost flow collection, and of a line of quoted scalars, until it knows whether that was a key; at 88 bytes for a token of
// one byte that is how a small body takes all memory. For one document; not thread-safe.
#pragma once

#include <cstddef>
#include <streambuf>
#include <string_view>

namespace rsf::parse {

// Thrown through yaml-cpp (and not kept back by its stream, since it reads the buffer itself).
struct ScannerLimitReached {
    std::size_t offset;
};

class ScannerLimit : public std::streambuf {
  public:
    // memory: bytes that tokens and values may take together.
    ScannerLimit(std::string_view text, std::size_t memory);

    // An event came: what was read ahead has been used up. taken: memory that is in use for values.
    void reset(std::size_t taken) {
        tokens_ = 0;
        taken_ = taken;
        one_scalar_ = false;
    }

    // Until the next event all that is read is one scalar, which is one token however long.
    void expect_one_scalar() { one_scalar_ = true; }

  protected:
    int_type underflow() override;

  private:
    void count(std::string_view piece);

    const std::string_view text_;
    const std::size_t memory_;
    std::size_t taken_ = 0;
    std::size_t tokens_ = 0; // an upper bound of those in what was read since the last event
    bool after_separator_ = true;
    bool one_scalar_ = false;
};

} // namespace rsf::parse
