// SPDX-License-Identifier: Apache-2.0
#include <resourcifier/driver.hpp>

#include <map>

// Deploys to a notebook: objects are kept in memory, by type and name.
class Notebook : public rsf::Driver {
  public:
    static constexpr rsf::Description description{
        "notebook",           "1.0.0", "Example Ltd", "https://example.org/notebook", "keeps objects in memory",
        R"({"type": "object",
            "properties": {"pages": {"type": "integer", "minimum": 1, "default": 100,
                                     "description": "how many objects fit"}}})"};

    Notebook(rsf::Host host, const boost::json::object &settings)
        : host_(host), pages_(settings.at("pages").to_number<std::size_t>()) {}

    rsf::Result list(const rsf::Call &call) override {
        boost::json::array items;
        for (const auto &[key, object] : objects_)
            if (key.first == call.type()) items.push_back(object);
        return boost::json::object{{"items", items}};
    }

    rsf::Result get(const rsf::Call &call) override { return find(call)->second; }

    rsf::Result create(const rsf::Call &call) override {
        if (objects_.size() == pages_) throw rsf::Error(rsf::Code::unavailable, "The notebook is full.");
        const auto [entry, is_new] = objects_.emplace(key(call), call.object());
        if (!is_new) throw rsf::Error(rsf::Code::already_exists, entry->first.second + " is in the notebook already.");
        host_.log(rsf::LogLevel::info, "wrote " + entry->first.second, &call);
        return {entry->second, rsf::Outcome::created};
    }

    rsf::Result replace(const rsf::Call &call) override {
        const auto entry = find(call);
        entry->second = call.object();
        return {entry->second, rsf::Outcome::changed};
    }

    rsf::Result remove(const rsf::Call &call) override {
        const bool was_there = objects_.erase(key(call)) != 0;
        return rsf::Result::from_text("", was_there ? rsf::Outcome::done : rsf::Outcome::unchanged);
    }

  private:
    using Key = std::pair<std::string, std::string>;

    static Key key(const rsf::Call &call) { return {std::string(call.type()), std::string(call.name())}; }

    std::map<Key, boost::json::object>::iterator find(const rsf::Call &call) {
        const auto entry = objects_.find(key(call));
        if (entry == objects_.end()) throw rsf::Error(rsf::Code::not_found, key(call).second + " is not in the notebook.");
        return entry;
    }

    rsf::Host host_;
    std::size_t pages_;
    std::map<Key, boost::json::object> objects_;
};

RSF_CPP_DRIVER(Notebook)
