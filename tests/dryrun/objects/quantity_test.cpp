// SPDX-License-Identifier: Apache-2.0
#include "support/catch.hpp"

#include <dryrun/objects/quantity.hpp>

#include <iterator>
#include <string>

using namespace rsf;
using namespace rsf::dryrun::objects;

TEST_CASE("quantities are compared exactly") {
    struct Quantities {
        const char *one, *other;
        bool same;
    };
    const Quantities rows[] = {
        {"1000m", "1", true},
        {"1024Mi", "1Gi", true},
        {"1e3", "1k", true},
        {"1E3", "1000", true},
        {"1E", "1e18", true},
        {"0.5", "500m", true},
        {".5", "0.5", true},
        {"5.", "5", true},
        {"+1", "1", true},
        {"-1", "-1000m", true},
        {"-0", "0", true},
        {"0Ki", "0", true},
        {"1n", "1e-9", true},
        {"1u", "1000n", true},
        {"1Ei", "1152921504606846976", true},
        {"1.5Gi", "1536Mi", true},
        {"0.1Ki", "102.4", true},
        {"1", "-1", false},
        {"1k", "1Ki", false},
        {"1M", "1m", false},
        {"1e-3", "1m", true},
        {"100", "1e2", true},
        {"9007199254740993", "9007199254740992", false},
        {"1000000000000000000001", "1000000000000000000000", false},
    };
    for (const Quantities &row : rows) {
        INFO(row.one << " and " << row.other);
        const auto one = Quantity::parsed(row.one), other = Quantity::parsed(row.other);
        REQUIRE(one);
        REQUIRE(other);
        CHECK((one->text() == other->text()) == row.same);
    }
    for (const char *text :
         {"", "m", ".", "+", "1 ", " 1", "1KI", "1mi", "1e", "1e3k", "1e+", "0x1", "1,5", "1e99999", "--1", "1K"}) {
        INFO(text);
        CHECK_FALSE(Quantity::parsed(text));
    }
    CHECK_FALSE(Quantity::parsed(std::string(65, '1')));
    const char *ordered[] = {"-1Gi", "-1", "-1m", "0", "1n", "999m", "1", "1.5", "2", "10", "1k", "1Ki", "1Mi", "1e30"};
    for (std::size_t i = 0; i < std::size(ordered); ++i)
        for (std::size_t j = 0; j < std::size(ordered); ++j) {
            INFO(ordered[i] << " and " << ordered[j]);
            CHECK((*Quantity::parsed(ordered[i]) < *Quantity::parsed(ordered[j])) == (i < j));
        }
}
