// SPDX-License-Identifier: Apache-2.0
#include "support/catch.hpp"

#include "store/seal.hpp"

#include "store/store_samples.hpp"

using namespace rsf;
using store::Seal;

namespace {

const std::string one = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=", other = "ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA=";

Seal seal_with(const std::vector<std::string> &keys) { return got(Seal::make(keys)); }

} // namespace

TEST_CASE("what is sealed shows nothing, and opens with its key for what it was sealed for") {
    const Seal seal = seal_with({one});
    for (const std::string &text :
         {std::string("the password is hunter2"), std::string(), std::string(1 << 20, 'x'), std::string("\0\xff", 2)}) {
        const std::string sealed = seal.seal(text, "operation 1");
        CHECK(sealed != seal.seal(text, "operation 1")); // the nonce is another one
        if (text.size() > 8) CHECK(sealed.find(text.substr(0, 8)) == sealed.npos);
        CHECK(got(seal.open(sealed, "operation 1")) == text);
        CHECK_FALSE(seal.open(sealed, "operation 2").has_value());
    }
}

TEST_CASE("keys are changed by a new one in front; what an old one sealed opens as long as it is in the list") {
    const std::string old = seal_with({one}).seal("text", "a");
    const Seal changed = seal_with({other, one});
    CHECK(got(changed.open(old, "a")) == "text");
    CHECK(got(seal_with({other}).open(changed.seal("text", "a"), "a")) == "text");
    CHECK(seal_with({other}).open(old, "a").error().message == "it is sealed under a key that is not in the setting store_key");
    CHECK_FALSE(Seal().open(old, "a").has_value());
}

TEST_CASE("without a key texts stay as they are, and such texts open with one too") {
    CHECK(Seal().seal("text", "a") == "text");
    CHECK(got(Seal().open("text", "a")) == "text");
    CHECK(got(seal_with({one}).open("text", "a")) == "text");
}

TEST_CASE("a sealed text that was changed anywhere or cut does not open") {
    const Seal seal = seal_with({one});
    const std::string sealed = seal.seal("some text", "a");
    for (std::size_t i = 9; i < sealed.size(); ++i) {
        std::string changed = sealed;
        changed[i] = static_cast<char>(changed[i] ^ 1);
        INFO(i);
        CHECK_FALSE(seal.open(changed, "a").has_value());
        CHECK_FALSE(seal.open(sealed.substr(0, i), "a").has_value());
    }
    CHECK_FALSE(seal.open(sealed + "x", "a").has_value());
}

TEST_CASE("what is no key is refused, with how to make one") {
    for (const std::string &text : {std::string(), std::string("secret"), one.substr(0, 40), one + "\n", one.substr(0, 43) + "A",
                                    std::string(44, '='), std::string(43, '*') + "=", one.substr(0, 42) + "Z="}) {
        INFO(text);
        const auto made = Seal::make({other, text});
        REQUIRE_FALSE(made.has_value());
        CHECK(made.error().message == "key 2 is not 32 bytes in base64, as `openssl rand -base64 32` makes them");
    }
}
