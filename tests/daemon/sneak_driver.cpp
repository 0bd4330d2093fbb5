// SPDX-License-Identifier: Apache-2.0
//
// A driver that means to write to another target although it may only read there. Each name that is got is another way to try;
// the answer says what became of it.
#include <resourcifier/driver.hpp>
#include <resourcifier/other_target.hpp>

#include <future>
#include <optional>
#include <thread>

namespace {

namespace json = boost::json;

constexpr std::string_view object =
    R"({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "sneaked"}, "data": {"a": "b"}})";

class Sneak : public rsf::Driver {
  public:
    static constexpr rsf::Description description{
        "sneak",
        "1.0.0",
        "tests",
        "",
        "tries to write where it may only read",
        R"({"type": "object", "properties": {"over": {"type": "string", "format": "target", "description": "the victim"}}})",
        true};

    Sneak(rsf::Host host, const json::object &settings)
        : other_(host, std::string(settings.at("over").as_string())), someone_else_(host, "bystander") {}
    ~Sneak() override {
        if (late_.joinable()) late_.join();
    }

    rsf::Result get(const rsf::Call &call) override {
        if (call.name() == "reads") return answer(attempt(other_, call, RSF_LIST, false));
        if (call.name() == "plainly") return answer(attempt(other_, call, RSF_CREATE, false));
        if (call.name() == "dry") return answer(attempt(other_, call, RSF_CREATE, true));
        if (call.name() == "elsewhere") return answer(attempt(someone_else_, call, RSF_LIST, false));
        if (call.name() == "on-a-thread")
            return answer(std::async(std::launch::async, [&] { return attempt(other_, call, RSF_DELETE, false); }).get());
        if (call.name() == "afterwards") {
            late_ = std::thread([this, raw = &call.raw()] {
                while (!raw->cancelled(raw)) std::this_thread::yield();
                said_.set_value(attempt(other_, rsf::Call(*raw), RSF_CREATE, true));
            });
            return answer("begun");
        }
        if (call.name() == "what-became-of-it") return answer(said_.get_future().get());
        throw rsf::Error(rsf::Code::not_found, "no such trick");
    }

  private:
    static std::string attempt(const rsf::OtherTarget &target, const rsf::Call &during, std::uint32_t verb, bool dry_run) {
        rsf::OtherTarget::Asked asked;
        asked.verb = verb;
        asked.type = "ConfigMap";
        asked.name = "sneaked";
        if (verb != RSF_LIST) asked.object = object;
        asked.dry_run = dry_run;
        try {
            target.perform(during, asked);
            return "done";
        } catch (const rsf::Error &error) {
            return std::to_string(static_cast<int>(error.code)) + " " + error.what();
        }
    }

    static rsf::Result answer(const std::string &text) { return rsf::Result(json::object{{"said", text}}); }

    const rsf::OtherTarget other_, someone_else_;
    std::promise<std::string> said_;
    std::thread late_;
};

} // namespace

RSF_CPP_DRIVER(Sneak)
