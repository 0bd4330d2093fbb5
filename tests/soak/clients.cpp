// SPDX-License-Identifier: Apache-2.0
#include "soak/clients.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

namespace rsf::test {

namespace {

namespace json = boost::json;

std::string config_map(const std::string &name, const std::string &label, const std::string &data) {
    return "- name: " + name + "\n  type: ConfigMap\n  properties: {apiVersion: v1, kind: ConfigMap, metadata: {name: " + name +
           ", labels: {soak: " + label + "}}, data: {" + data + "}}\n";
}

// One with a value, and one that refers to it.
std::string both(const std::string &name, const std::string &value) {
    return "resources:\n" + config_map(name, name, "v: " + value) +
           config_map(name + "-ref", name, "of: $(ref." + name + ".metadata.uid)");
}

class Life {
  public:
    Life(Visitor &visitor, std::string_view cluster, const std::string &name)
        : visitor_(visitor), name_(name), base_("/targets/" + std::string(cluster) + "/configurations") {}

    void create() {
        write("POST", 201, "one", "Created");
        const json::value made = object(name_);
        visitor_.require(made.at("data") == json::object{{"v", "one"}}, "what was created has other data");
        visitor_.require(made.at("metadata").at("name").as_string() == name_, "what was created has another name");
        uid_ = made.at("metadata").at("uid");
        visitor_.require(object(name_ + "-ref").at("data") == json::object{{"of", uid_}}, "the reference became something else");
        visitor_.require(listed() == 2, "not both are listed");
    }

    void plan() {
        const json::value plan = visitor_.expect(200, "PUT", base_ + "?dryRun=true", both(name_, "two"));
        const json::array &resources = plan.at("resources").as_array();
        visitor_.require(resources.at(0).at("action") == "update" && resources.at(1).at("action") == "unchanged",
                         "the plan is to do something else");
        visitor_.require(resources.at(0).at("changes") ==
                             json::array{json::object{{"path", "data.v"}, {"before", "one"}, {"after", "two"}}},
                         "the plan is of other changes");
        visitor_.require(object(name_).at("data") == json::object{{"v", "one"}}, "a dry run changed something");
    }

    void replace() {
        write("PUT", 200, "two", "Replaced");
        const json::value made = object(name_);
        visitor_.require(made.at("data") == json::object{{"v", "two"}}, "what was replaced has other data");
        visitor_.require(made.at("metadata").at("uid") == uid_, "what was replaced is another object");
    }

    void end() {
        visitor_.expect(204, "DELETE", base_, both(name_, "two"));
        visitor_.expect(404, "GET", base_ + "/ConfigMap/" + name_);
        visitor_.require(listed() == 0, "what was deleted is listed");
    }

  private:
    void write(std::string_view method, int status, const std::string &value, std::string_view state) {
        const json::value answer = visitor_.expect(status, method, base_, both(name_, value));
        const json::array &resources = answer.at("resources").as_array();
        visitor_.require(resources.size() == 2, "not both have a state");
        for (const json::value &resource : resources)
            visitor_.require(resource.at("state").at("status").as_string() == state, "a resource has another state");
    }

    json::value object(const std::string &name) { return visitor_.expect(200, "GET", base_ + "/ConfigMap/" + name); }

    // How many of the two a selector of their label finds; what else it finds is wrong.
    std::size_t listed() {
        const json::value list = visitor_.expect(200, "GET", base_ + "/cm?labelSelector=soak%3D" + name_);
        for (const json::value &item : list.at("items").as_array())
            visitor_.require(item.at("metadata").at("labels").at("soak").as_string() == name_, "what another one made is listed");
        return list.at("items").as_array().size();
    }

    Visitor &visitor_;
    const std::string name_, base_;
    json::value uid_;
};

} // namespace

void live(Visitor &visitor, std::string_view cluster, const std::string &name) {
    Life life(visitor, cluster, name);
    life.create();
    life.plan();
    life.replace();
    life.end();
    const json::value target = visitor.expect(200, "GET", "/targets/" + std::string(cluster));
    visitor.require(target.at("health").at("ok") == true, "the target says that it is not well");
}

void ask_upgraded(Visitor &visitor, const SoakedDaemon &daemon, const std::string &name) {
    const int done = daemon.upgrades_done();
    const json::value answer = visitor.expect(200, "GET", "/targets/upgraded/configurations/thing/" + name);
    const int begun = daemon.upgrades_begun();
    visitor.require(answer.at("name").as_string() == name, "another name is answered");
    const int of = SoakedDaemon::upgrade_of(answer.at("version").to_number<int>(), answer.at("mark").to_number<int>());
    visitor.require(of >= done && of <= begun, "a version answers that was not to be had from upgrade " + std::to_string(done) +
                                                   " to " + std::to_string(begun));
}

} // namespace rsf::test
