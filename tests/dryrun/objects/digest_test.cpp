// SPDX-License-Identifier: Apache-2.0
#include "support/catch.hpp"

#include <dryrun/objects/digest.hpp>

using namespace rsf;
using namespace rsf::dryrun::objects;

TEST_CASE("the simulated clock counts seconds from 2020") {
    CHECK(timestamp_of(0) == "2020-01-01T00:00:00Z");
    CHECK(timestamp_of(86399) == "2020-01-01T23:59:59Z");
    CHECK(timestamp_of(59 * 86400ULL) == "2020-02-29T00:00:00Z");
}

TEST_CASE("digests do not change between releases, since state folders contain them") {
    CHECK(uuid_of("") == "8f2476e3-51c0-51b9-b76b-df7fc8d07848");
    CHECK(uuid_of("default/ConfigMap/site.json\n0") == "4aff8591-25ac-5d3b-8ec2-b2cbef49780a");
}
