// SPDX-License-Identifier: Apache-2.0
// Throws what is not an exception, in C++ and behind its barrier.
#include <resourcifier/driver.hpp>

namespace {

class Thrower : public rsf::Driver {
  public:
    static constexpr rsf::Description description{"throws-123",  "1.0.0",
                                                  "Example Ltd", "https://example.org",
                                                  "throws",      R"({"properties": {"at_once": {"type": "boolean"}}})"};

    Thrower(rsf::Host, const boost::json::object &settings) {
        if (settings.contains("at_once")) throw 123;
    }

    rsf::Result get(const rsf::Call &) override { throw 123; }
    rsf::Result list(const rsf::Call &) override { throw std::runtime_error("what went wrong"); }
    rsf::Result create(const rsf::Call &) override {
        throw rsf::Error(rsf::Code::conflict, "somebody else was faster", rsf::Retry::later, std::chrono::milliseconds(250),
                         {{"owner", "somebody else"}});
    }
};

} // namespace

RSF_CPP_DRIVER(Thrower)
