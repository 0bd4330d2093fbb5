// SPDX-License-Identifier: Apache-2.0
//
// The promises of the interface Storage, for both implementations.
#include "state_files.hpp"
#include "support/catch.hpp"

#include <dryrun/storage/folder_storage.hpp>
#include <dryrun/storage/memory_storage.hpp>

#include <memory>
#include <string>
#include <vector>

using namespace rsf;
using namespace rsf::dryrun;
using namespace rsf::dryrun::storage;

namespace {

Key map_key(const std::string &ns, const std::string &name) { return {{"", "ConfigMap"}, ns, name}; }

RecordPtr map_record(const Key &key) {
    const json::object object{{"apiVersion", "v1"},
                              {"kind", "ConfigMap"},
                              {"metadata", json::object{{"name", key.name}, {"labels", json::object{{"app", "x"}, {"n", 1}}}}}};
    return record_of(json::serialize(object), object);
}

// "shop/a shop/b": the keys in their order.
std::string names_of(const std::vector<Key> &keys) {
    std::string names;
    for (const Key &key : keys) names += (names.empty() ? "" : " ") + key.ns + "/" + key.name;
    return names;
}

std::string listed(const Storage &storage, const std::optional<std::string> &ns) {
    std::vector<Key> keys;
    for (const Entry &entry : storage.list({"", "ConfigMap"}, ns)) keys.push_back(entry.key);
    return names_of(keys);
}

} // namespace

TEST_CASE("a storage finds and lists what was put there, until it is erased") {
    const TempFolder folder;
    std::vector<std::unique_ptr<Storage>> storages;
    storages.push_back(std::make_unique<MemoryStorage>());
    storages.push_back(std::make_unique<FolderStorage>(folder.path(), nullptr));
    for (const auto &storage : storages) {
        std::size_t loaded = 0;
        storage->load([&](const Storage::Loaded &) { ++loaded; });
        CHECK(loaded == 0);
        const Key a = map_key("shop", "a"), b = map_key("shop", "b"), other = map_key("other", "c");
        for (const Key &key : {b, other, a}) storage->put(key, map_record(key));
        REQUIRE(storage->find(a));
        CHECK(storage->find(a)->labels == Labels{{"app", "x"}}); // a label that is no string is none
        CHECK_FALSE(storage->find(map_key("shop", "c")));
        CHECK(listed(*storage, std::nullopt) == "other/c shop/a shop/b");
        CHECK(listed(*storage, "shop") == "shop/a shop/b");
        CHECK(listed(*storage, "sho").empty());
        CHECK(names_of(storage->keys_in("shop")) == "shop/a shop/b");

        const std::vector<Key> gone{a, other};
        storage->erase(gone, Storage::Writers::none);
        CHECK(listed(*storage, std::nullopt) == "shop/b");
        storage->erase(gone, Storage::Writers::others); // a second time does no harm
        CHECK(storage->find(b));
    }
}

TEST_CASE("a storage counts every revision once, and knows which was the last deletion's") {
    const TempFolder folder;
    std::vector<std::unique_ptr<Storage>> storages;
    storages.push_back(std::make_unique<MemoryStorage>());
    storages.push_back(std::make_unique<FolderStorage>(folder.path(), nullptr));
    for (const auto &storage : storages) {
        CHECK(storage->revision() == 0);
        CHECK(storage->next_revision() == 1);
        CHECK(storage->next_deletion() == 2);
        CHECK(storage->next_revision() == 3);
        CHECK(storage->revision() == 3);
        CHECK(storage->last_deletion() == 2);
    }
}
