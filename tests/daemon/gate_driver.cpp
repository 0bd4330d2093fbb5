// SPDX-License-Identifier: Apache-2.0
//
// A driver for tests of what happens meanwhile: create logs "at the gate", then waits until the pipe named by the setting gate
// says something, or until it is cancelled.
#include <resourcifier/driver.hpp>

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

namespace {

class Gate : public rsf::Driver {
  public:
    static constexpr rsf::Description description{"gate",
                                                  "1.0.0",
                                                  "resourcifier",
                                                  "https://example.org",
                                                  "waits at a gate",
                                                  R"({"type": "object", "required": ["gate"],
                                                      "properties": {"gate": {"type": "string"}}})",
                                                  true};

    Gate(rsf::Host host, const boost::json::object &settings)
        : host_(host), gate_(open(settings.at("gate").as_string().c_str(), O_RDWR | O_CLOEXEC)) {
        if (gate_ < 0) throw rsf::Error(rsf::Code::invalid, "the gate can't be opened");
    }
    ~Gate() override { close(gate_); }

    rsf::Result create(const rsf::Call &call) override {
        host_.log(rsf::LogLevel::info, "at the gate", &call);
        pollfd gate{gate_, POLLIN, 0};
        while (poll(&gate, 1, 10) == 0)
            if (call.cancelled()) throw rsf::Error(rsf::Code::cancelled, "turned back at the gate");
        char word = 0;
        if (read(gate_, &word, 1) != 1) throw rsf::Error(rsf::Code::internal, "the gate is broken");
        return call.object();
    }

  private:
    rsf::Host host_;
    int gate_;
};

} // namespace

RSF_CPP_DRIVER(Gate)
