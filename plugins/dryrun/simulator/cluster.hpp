// SPDX-License-Identifier: Apache-2.0
//
// cluster.hpp: the simulated cluster, which carries out each verb as Kubernetes' API server would. Thread-safe. Throws rsf::Error
// with that server's messages.
#pragma once

#include "addresses.hpp"
#include "dryrun/storage/storage.hpp"
#include "kinds.hpp"
#include "write_gate.hpp"

#include <resourcifier/driver.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace rsf::dryrun::simulator {

class Cluster {
  public:
    // default_ns: the namespace of objects that name none.
    Cluster(std::unique_ptr<storage::Storage> storage, std::string default_ns);

    // The resource of a write. type, name and ns are as the client wrote them; where the object has its own, that counts.
    struct Request {
        std::string_view type;
        std::string_view name;
        std::string_view ns;
        json::object object;
        bool dry_run = false;                 // change nothing; the answer is as if
        std::string_view expected_revision{}; // conflict if the object is at another one; not for create
        storage::Step step{};                 // that this write is
    };
    Result create(Request request);
    Result replace(Request request);
    Result remove(Request request); // Outcome::unchanged: it was not there
    Result apply(Request request);  // Outcome::created, changed or unchanged

    // Whether the write of the verb was done, by its step. Waits for one that is under way.
    Settlement settle(std::uint32_t verb, Request request);

    Result get(std::string_view type, std::string_view name, std::string_view ns) const;

    // The type of an object, which may be empty, or else that of the word. Throws Error (not_found) where there is none.
    KindPtr kind_of(std::string_view type, const json::object &object) const;

    struct Query {
        std::string_view type;
        std::optional<std::string> ns; // absent: all; empty: the default one
        std::string_view label_selector;
        std::string_view field_selector;
    };
    // ended: called from time to time; once it returns true the list ends with Error(cancelled).
    Result list(const Query &query, const std::function<bool()> &ended) const;

    const std::string &default_namespace() const { return default_ns_; }

  private:
    struct Write { // a request, and which object it is about
        KindPtr kind;
        Key key;
        json::object object;
        bool dry_run = false;
        std::string expected_revision;      // empty: any
        std::optional<json::object> fields; // that an apply owns
        storage::Step step{};
        storage::Step made{}; // that the object was made by, if it is there
    };

    static constexpr std::string_view given_namespaces[] = {"default", "kube-system", "kube-public", "kube-node-lease"};

    void load();
    void check_loaded(const Key &key) const;
    Write read(Request request) const;
    void fill_kind(Request &request) const;
    std::optional<Key> key_to_delete(Request &request) const;
    void check_room(const Write &write) const;
    Result make(Write &write);
    Result change(Write &write, const storage::Record &record, const json::object &held);
    static void validate_after(Write &write, const json::object &held);
    void complete(Write &write, const json::object *held, Addresses::Claim &claim);
    Result put(const Write &write, const json::object *held, Addresses::Claim &claim);
    void erase(const Key &key, bool alone, const storage::Step &by);
    Settlement settle_write(const std::optional<Key> &key, const storage::Step &step) const;
    Settlement settle_delete(const std::optional<Key> &key, const storage::Step &step) const;
    WriteGate::Pass pass_for(const Key &key);

    const std::unique_ptr<storage::Storage> storage_;
    const std::string default_ns_;
    Kinds kinds_;
    Addresses addresses_;
    WriteGate gate_;
};

} // namespace rsf::dryrun::simulator
