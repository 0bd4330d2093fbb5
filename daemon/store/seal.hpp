// SPDX-License-Identifier: Apache-2.0
//
// Seals texts that nobody who has a store's file alone must read, with AES-256-GCM. A sealed text says which key it needs, and
// opens only for what it was sealed for. Thread-safe.
#pragma once

#include "base/error.hpp"

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace rsf::store {

class Seal {
  public:
    // keys: 32 bytes in base64 each. The first one seals; each opens what it sealed. None: texts stay as they are.
    static Result<Seal> make(const std::vector<std::string> &keys);
    Seal() = default; // without keys

    bool has_keys() const { return !keys_.empty(); }
    // about: what the text belongs to, such as an operation's id.
    std::string seal(std::string text, std::string_view about) const;
    // A text that is not sealed stays as it is. Refused: its key is not among these, it was changed, or it belongs to something
    // else.
    Result<std::string> open(std::string text, std::string_view about) const;

  private:
    struct Key {
        std::array<unsigned char, 32> bytes;
        std::string name; // by which a sealed text finds it again, and which tells nothing about it
    };
    std::vector<Key> keys_;
};

} // namespace rsf::store
