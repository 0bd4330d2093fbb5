// SPDX-License-Identifier: Apache-2.0
//
// A request's head: the verdict is the same however its bytes arrive, and a head that is taken can be passed on.
#include "http/framing/head.hpp"
#include "fuzz.hpp"

#include <algorithm>

using rsf::http::HeadJudge;

int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    const std::string_view text = rsf::fuzz::text_of(data, size);
    constexpr std::size_t most_bytes = 4096, most_fields = 20;
    HeadJudge at_once(most_bytes, most_fields), bit_by_bit(most_bytes, most_fields);
    const HeadJudge::Verdict verdict = at_once.read(text);
    HeadJudge::Verdict so_far = HeadJudge::Verdict::more;
    for (std::size_t end = 1; end <= size && so_far == HeadJudge::Verdict::more; ++end)
        so_far = bit_by_bit.read(text.substr(0, end));
    if (verdict == HeadJudge::Verdict::more) return 0; // what came last decides
    rsf::fuzz::require(so_far == verdict, "a head is judged the same in pieces");
    if (verdict == HeadJudge::Verdict::bad) {
        const unsigned status = at_once.fault().status;
        rsf::fuzz::require(status >= 400 && status < 600 && !at_once.fault().detail.empty(),
                           "a refusal has a status and a reason");
        return 0;
    }
    rsf::fuzz::require(at_once.begin() <= at_once.end() && at_once.end() <= size, "a head lies within what was received");
    rsf::fuzz::require(at_once.end() == bit_by_bit.end(), "a head ends at one place");
    const auto is_plain = [](char c) { return c > ' ' && c < 0x7F; };
    rsf::fuzz::require(!at_once.method().empty() && std::all_of(at_once.method().begin(), at_once.method().end(), is_plain),
                       "a method is a word");
    rsf::fuzz::require(at_once.target().starts_with('/') &&
                           std::all_of(at_once.target().begin(), at_once.target().end(), is_plain),
                       "a target begins with a slash and holds no blank or control character");
    return 0;
}
