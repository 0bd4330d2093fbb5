// SPDX-License-Identifier: Apache-2.0
//
// A request's body behind its head, counted or in chunks: it is read the same however its bytes arrive, and never beyond its
// bounds.
#include "fuzz.hpp"
#include "http/framing/body_reader.hpp"
#include "http/framing/head.hpp"

using rsf::http::BodyReader;
using rsf::http::HeadJudge;

int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    const std::string_view text = rsf::fuzz::text_of(data, size);
    HeadJudge head(4096, 20);
    if (head.read(text) != HeadJudge::Verdict::whole) return 0;
    const std::string_view rest = text.substr(head.end());
    constexpr BodyReader::Bounds bounds{2000, 500, 5};
    BodyReader at_once(head, bounds), bit_by_bit(head, bounds);
    const BodyReader::Verdict verdict = at_once.take(rest);
    rsf::fuzz::require(at_once.used() <= rest.size(), "a reader uses what it was given");
    rsf::fuzz::require(at_once.body().size() <= bounds.body, "a body is no larger than it may be");
    BodyReader::Verdict so_far = bit_by_bit.take({});
    std::size_t used = 0;
    for (std::size_t at = 0; at < rest.size() && so_far == BodyReader::Verdict::more; ++at) {
        so_far = bit_by_bit.take(rest.substr(at, 1));
        used += bit_by_bit.used();
    }
    rsf::fuzz::require(so_far == verdict, "a body is judged the same in pieces");
    if (verdict == BodyReader::Verdict::bad) {
        rsf::fuzz::require(at_once.fault().status >= 400 && !at_once.fault().detail.empty(),
                           "a refusal has a status and a reason");
        return 0;
    }
    rsf::fuzz::require(at_once.body() == bit_by_bit.body(), "a body is the same in pieces");
    if (verdict == BodyReader::Verdict::whole) rsf::fuzz::require(used == at_once.used(), "a body ends at one place");
    return 0;
}
