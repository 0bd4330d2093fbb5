// SPDX-License-Identifier: Apache-2.0
#include "api/request/digest.hpp"

#include <openssl/evp.h>

#include <array>
#include <memory>
#include <stdexcept>

namespace rsf::api {

std::string digest_of(const http::Request &request, std::string_view target) {
    const std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX *)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
    const std::string_view raw = request.target;
    const auto mark = raw.find('?');
    const std::string_view query = mark == raw.npos ? std::string_view() : raw.substr(mark + 1);
    bool is_fine = context && EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr) == 1;
    for (const std::string_view part : {std::string_view(request.method), target, query, std::string_view(request.body)}) {
        const std::string length = std::to_string(part.size()) + ':'; // where a part ends
        is_fine = is_fine && EVP_DigestUpdate(context.get(), length.data(), length.size()) == 1 &&
                  EVP_DigestUpdate(context.get(), part.data(), part.size()) == 1;
    }
    std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
    unsigned size = 0;
    if (!is_fine || EVP_DigestFinal_ex(context.get(), bytes.data(), &size) != 1) throw std::runtime_error("SHA-256 failed");
    constexpr std::string_view hex = "0123456789abcdef";
    std::string text;
    for (unsigned i = 0; i < size; ++i) {
        text += hex[bytes[i] >> 4U];
        text += hex[bytes[i] & 15U];
    }
    return text;
}

} // namespace rsf::api
