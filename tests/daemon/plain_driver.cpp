// SPDX-License-Identifier: Apache-2.0
//
// A driver for another kind of cluster: it keeps objects by type and name, has no dry run, and marks
// what is secret in an Account.
#include <resourcifier/driver.hpp>

#include <map>

namespace {

namespace json = boost::json;

class Plain : public rsf::Driver {
  public:
    static constexpr rsf::Description description{
        "plain", "1.0.0",         "tests",
        "",      "keeps objects", R"({"type": "object"})",
        false,   false,           R"([{"types": ["Account", "acct"], "paths": ["/pin", "/users/*/token", "/a~1b/keys"]}])"};

    Plain(rsf::Host, const json::object &) {}

    rsf::Result get(const rsf::Call &call) override {
        const auto found = objects_.find(key(call));
        if (found == objects_.end()) throw rsf::Error(rsf::Code::not_found, "There is no such thing.");
        return rsf::Result(found->second);
    }
    rsf::Result create(const rsf::Call &call) override { return rsf::Result(objects_[key(call)] = call.object()); }
    rsf::Result replace(const rsf::Call &call) override { return create(call); }
    rsf::Result apply(const rsf::Call &call) override { return create(call); }

  private:
    static std::string key(const rsf::Call &call) { return std::string(call.type()) + "/" + std::string(call.name()); }

    std::map<std::string, json::object> objects_;
};

} // namespace

RSF_CPP_DRIVER(Plain)
