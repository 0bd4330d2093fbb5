// SPDX-License-Identifier: Apache-2.0
//
// cluster.hpp: the simulated cluster: what becomes of each verb. Thread-safe. Throws rsf::Error, in the words of Kubernetes' API
// server.
#pragma once

#include "addresses.hpp"
#include "kinds.hpp"
#include "store.hpp"
#include "write_gate.hpp"

#include <resourcifier/driver.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace rsf::dryrun {

class Cluster {
  public:
    // folder null: in memory. default_ns: where objects go that name no namespace.
    Cluster(std::unique_ptr<StateFolder> folder, std::string default_ns);

    // A write's resource. type, name and ns as the client wrote them; the object's own word counts for more.
    struct Request {
        std::string_view type;
        std::string_view name;
        std::string_view ns;
        json::object object;
        bool dry_run = false; // change nothing; the answer is as if
    };
    Result create(Request request);
    Result replace(Request request);
    Result remove(Request request); // Outcome::unchanged: it was not there
    Result apply(Request request);  // Outcome::created, changed or unchanged

    Result get(std::string_view type, std::string_view name, std::string_view ns) const;

    struct Query {
        std::string_view type;
        std::optional<std::string> ns; // absent: all; empty: the default one
        std::string_view label_selector;
        std::string_view field_selector;
    };
    // ended: asked now and then; true: nobody waits any more.
    Result list(const Query &query, const std::function<bool()> &ended) const;

    const std::string &default_namespace() const { return default_ns_; }

  private:
    struct Write { // a request whose object has been told apart
        KindPtr kind;
        Key key;
        json::object object;
        bool dry_run = false;
        std::optional<json::object> fields; // that an apply owns
    };

    static constexpr std::string_view given_namespaces[] = {"default", "kube-system", "kube-public", "kube-node-lease"};

    void load();
    void check_loaded(const Key &key) const;
    Write read(Request request) const;
    void fill_kind(Request &request) const;
    std::optional<Key> key_to_delete(Request &request) const;
    void check_room(const Write &write) const;
    Result make(Write &write);
    Result change(Write &write, const Record &record, const json::object &held);
    static void validate_after(Write &write, const json::object &held);
    void settle(Write &write, const json::object *held, Addresses::Claim &claim);
    Result put(const Write &write, const json::object *held, Addresses::Claim &claim);
    void erase(const Key &key, bool alone);
    WriteGate::Pass pass_for(const Key &key);

    Store store_;
    const std::string default_ns_;
    Kinds kinds_;
    Addresses addresses_;
    WriteGate gate_;
};

} // namespace rsf::dryrun
