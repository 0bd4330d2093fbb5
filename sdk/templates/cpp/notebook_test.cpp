// SPDX-License-Identifier: Apache-2.0
#include <resourcifier/fake_host.hpp>

#include <cstdio>

extern "C" const rsf_entry rsf_driver_entry; // notebook.cpp's

static int failures = 0;
#define CHECK(what) ((what) ? void() : void((++failures, std::printf("line %d: %s\n", __LINE__, #what))))

int main() {
    rsf::FakeHost host(rsf_driver_entry, {{"pages", 2}});
    const boost::json::object milk{{"litres", 2}};

    CHECK(host.create("shopping", "milk", milk).outcome == rsf::Outcome::created);
    CHECK(host.log().back().message == "wrote milk");
    CHECK(host.create("shopping", "milk", milk).code == rsf::Code::already_exists);
    CHECK(host.get("shopping", "milk").object == milk);
    CHECK(host.get("shopping", "eggs").message == "eggs is not in the notebook.");
    CHECK(host.replace("shopping", "milk", {{"litres", 3}}).succeeded);
    CHECK(host.list("shopping").object.at("items").as_array().size() == 1);

    CHECK(host.create("shopping", "eggs", {}).succeeded);
    CHECK(host.create("shopping", "bread", {}).code == rsf::Code::unavailable);

    CHECK(host.remove("shopping", "milk", {}).outcome == rsf::Outcome::done);
    CHECK(host.remove("shopping", "milk", {}).outcome == rsf::Outcome::unchanged);
    return failures == 0 ? 0 : 1;
}
