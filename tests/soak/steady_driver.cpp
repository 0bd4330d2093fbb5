// SPDX-License-Identifier: Apache-2.0
//
// A driver that is upgraded while it works: it says which version of its file answers, and with which settings.
#include <resourcifier/driver.hpp>

#include <chrono>
#include <cstdint>
#include <thread>

#define STEADY_TEXT(number) STEADY_TEXT_OF(number)
#define STEADY_TEXT_OF(number) #number

namespace {

namespace json = boost::json;

class Steady : public rsf::Driver {
  public:
    static constexpr rsf::Description description{
        "steady",
        STEADY_TEXT(STEADY_VERSION) ".0.0",
        "tests",
        "",
        "says who answers",
        R"({"type": "object", "properties": {"mark": {"type": "integer", "description": "What to answer besides."}}})",
        true};

    Steady(rsf::Host, const json::object &settings) : mark_(settings.at("mark").to_number<std::int64_t>()) {}

    rsf::Result get(const rsf::Call &call) override {
        // Long enough that every upgrade meets calls that are under way.
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
        return json::object{{"name", call.name()}, {"version", STEADY_VERSION}, {"mark", mark_}};
    }

  private:
    const std::int64_t mark_;
};

} // namespace

RSF_CPP_DRIVER(Steady)
