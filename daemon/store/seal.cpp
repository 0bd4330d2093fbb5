// SPDX-License-Identifier: Apache-2.0
#include "store/seal.hpp"

#include <openssl/evp.h>
#include <openssl/rand.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <stdexcept>

namespace rsf::store {

namespace {

// A sealed text: mark, name of the key, nonce, what was sealed, tag.
constexpr std::string_view mark = "sealed/1:";
constexpr std::size_t name_size = 8, nonce_size = 12, tag_size = 16;
constexpr std::size_t text_of_key_size = 44; // base64 of 32 bytes

using Context = std::unique_ptr<EVP_CIPHER_CTX, void (*)(EVP_CIPHER_CTX *)>;

unsigned char *bytes_of(std::string &text) { return reinterpret_cast<unsigned char *>(text.data()); }
const unsigned char *bytes_of(std::string_view text) { return reinterpret_cast<const unsigned char *>(text.data()); }

void require(bool is_done) {
    if (!is_done) throw std::runtime_error("AES-256-GCM failed");
}

Context context() {
    Context made(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
    require(made != nullptr);
    return made;
}

std::optional<std::array<unsigned char, 32>> key_of(const std::string &text) {
    if (text.size() != text_of_key_size || text.back() != '=') return std::nullopt;
    std::array<unsigned char, 33> decoded{}; // the padding is decoded as a byte too
    if (EVP_DecodeBlock(decoded.data(), bytes_of(text), static_cast<int>(text.size())) != static_cast<int>(decoded.size()))
        return std::nullopt;
    std::array<unsigned char, text_of_key_size + 1> again{};
    EVP_EncodeBlock(again.data(), decoded.data(), 32);
    if (!std::equal(text.begin(), text.end(), again.begin())) return std::nullopt;
    std::array<unsigned char, 32> key{};
    std::copy_n(decoded.begin(), key.size(), key.begin());
    return key;
}

// The start of what SHA-256 makes of it and of what it is for.
std::string name_of(const std::array<unsigned char, 32> &key) {
    std::string named = "resourcifierd store key";
    named.append(key.begin(), key.end());
    std::array<unsigned char, EVP_MAX_MD_SIZE> hash{};
    require(EVP_Digest(named.data(), named.size(), hash.data(), nullptr, EVP_sha256(), nullptr) == 1);
    return {hash.begin(), hash.begin() + name_size};
}

} // namespace

Result<Seal> Seal::make(const std::vector<std::string> &keys) {
    Seal made;
    for (std::size_t i = 0; i < keys.size(); ++i) {
        const auto key = key_of(keys[i]);
        if (!key)
            return invalid("key " + std::to_string(i + 1) +
                           " is not 32 bytes in base64, as `openssl rand -base64 32` makes them");
        made.keys_.push_back({*key, name_of(*key)});
    }
    return made;
}

std::string Seal::seal(std::string text, std::string_view about) const {
    if (keys_.empty()) return text;
    const Key &key = keys_.front();
    std::string sealed(mark);
    sealed += key.name;
    const std::size_t nonce_at = sealed.size(), text_at = nonce_at + nonce_size, tag_at = text_at + text.size();
    sealed.resize(tag_at + tag_size);
    unsigned char *const out = bytes_of(sealed);
    require(RAND_bytes(out + nonce_at, static_cast<int>(nonce_size)) == 1);
    const Context cipher = context();
    int size = 0;
    require(EVP_EncryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, key.bytes.data(), out + nonce_at) == 1);
    require(EVP_EncryptUpdate(cipher.get(), nullptr, &size, bytes_of(about), static_cast<int>(about.size())) == 1);
    require(EVP_EncryptUpdate(cipher.get(), out + text_at, &size, bytes_of(std::string_view(text)),
                              static_cast<int>(text.size())) == 1);
    require(EVP_EncryptFinal_ex(cipher.get(), out + tag_at, &size) == 1);
    require(EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, static_cast<int>(tag_size), out + tag_at) == 1);
    return sealed;
}

Result<std::string> Seal::open(std::string text, std::string_view about) const {
    if (!text.starts_with(mark)) return text;
    const std::size_t nonce_at = mark.size() + name_size, text_at = nonce_at + nonce_size;
    if (text.size() < text_at + tag_size) return invalid("it is sealed, and cut short");
    const std::string_view name = std::string_view(text).substr(mark.size(), name_size);
    const auto key = std::find_if(keys_.begin(), keys_.end(), [&](const Key &each) { return each.name == name; });
    if (key == keys_.end()) return invalid("it is sealed under a key that is not in the setting store_key");
    const std::size_t size = text.size() - text_at - tag_size;
    std::string opened(size, '\0');
    unsigned char *const in = bytes_of(text);
    const Context cipher = context();
    int done = 0;
    require(EVP_DecryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, key->bytes.data(), in + nonce_at) == 1);
    require(EVP_DecryptUpdate(cipher.get(), nullptr, &done, bytes_of(about), static_cast<int>(about.size())) == 1);
    require(EVP_DecryptUpdate(cipher.get(), bytes_of(opened), &done, in + text_at, static_cast<int>(size)) == 1);
    require(EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, static_cast<int>(tag_size), in + text_at + size) == 1);
    if (EVP_DecryptFinal_ex(cipher.get(), bytes_of(opened) + size, &done) != 1)
        return invalid("it is sealed, and was changed since");
    return opened;
}

} // namespace rsf::store
