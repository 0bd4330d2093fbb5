// SPDX-License-Identifier: Apache-2.0
#include "store/sqlite/tables.hpp"

#include "shared/failpoint.hpp"
#include "store/operation_id.hpp"
#include "store/step_text.hpp"

#include <resourcifier/json_text.hpp>

#include <boost/json/array.hpp>

namespace rsf::store {

namespace json = boost::json;

namespace {

// In the order in which summary_of() reads them.
constexpr const char *summary_columns =
    "id, kind, target, verb, namespace, request_id, reason, caller, caller_groups, caller_address, "
    "created, started, ended, state, failure, code, cancelled, resources, failed";
constexpr int summary_size = 19;

std::int64_t count_of(Time time) { return time.time_since_epoch().count(); }
Time time_of(std::int64_t count) { return Time(std::chrono::milliseconds(count)); }

void bind(SQLite::Statement &statement, int at, const std::optional<Time> &time) {
    time ? statement.bind(at, count_of(*time)) : statement.bind(at);
}

std::optional<Time> time_at(SQLite::Statement &statement, int at) {
    const SQLite::Column column = statement.getColumn(at);
    return column.isNull() ? std::nullopt : std::optional(time_of(column.getInt64()));
}

std::string groups_text(const std::vector<std::string> &groups) {
    return groups.empty() ? std::string() : json_text(json::array(groups.begin(), groups.end()));
}

std::vector<std::string> read_groups(const std::string &text) {
    std::vector<std::string> groups;
    boost::system::error_code failed;
    const json::value value = text.empty() ? json::value(json::array()) : json_value(text, failed);
    if (!failed && value.is_array())
        for (const json::value &each : value.get_array())
            if (each.is_string()) groups.emplace_back(each.get_string());
    return groups;
}

void run(SQLite::Statement &statement) {
    statement.exec();
    statement.reset();
}

Result<Summary> summary_of(SQLite::Statement &row) {
    Summary summary;
    int at = 0;
    const auto text = [&] { return row.getColumn(at++).getString(); };
    summary.id = text();
    summary.kind = text();
    summary.target = text();
    summary.verb = text();
    summary.ns = text();
    summary.request_id = text();
    summary.reason = text();
    summary.caller.name = text();
    summary.caller.groups = read_groups(text());
    summary.caller.address = text();
    summary.created = time_of(row.getColumn(at++).getInt64());
    summary.started = time_at(row, at++);
    summary.ended = time_at(row, at++);
    const std::string state = text();
    const std::optional<State> known = state_of(state);
    if (!known) return internal("the store holds operation " + summary.id + " in a state that does not exist");
    summary.state = *known;
    summary.failure = text();
    summary.code = text();
    summary.is_cancelled = row.getColumn(at++).getInt() != 0;
    summary.resources = static_cast<std::size_t>(row.getColumn(at++).getInt64());
    summary.failed = static_cast<std::size_t>(row.getColumn(at++).getInt64());
    return summary;
}

// From a row with all columns. What became of its steps since it began stands in progress.
Result<Operation> operation_of(const SQLite::Database &database, SQLite::Statement &row) {
    Result<Summary> summary = summary_of(row);
    if (!summary) return summary.error();
    Operation operation{std::move(*summary), {}, {}, {}};
    int at = summary_size;
    auto steps = read_steps(row.getColumn(at++).getString());
    if (!steps) return steps.error();
    operation.steps = std::move(*steps);
    operation.payload = row.getColumn(at++).getString();
    if (!row.getColumn(at + 1).isNull())
        operation.key = Key{row.getColumn(at).getString(), row.getColumn(at + 1).getString(), row.getColumn(at + 2).getString(),
                            time_of(row.getColumn(at + 3).getInt64())};
    if (is_final(operation.state)) return operation;
    SQLite::Statement progress(database, "SELECT step, text FROM progress WHERE operation = ?");
    progress.bind(1, operation.id);
    while (progress.executeStep()) {
        const auto step = static_cast<std::size_t>(progress.getColumn(0).getInt64());
        auto read = read_step(progress.getColumn(1).getString());
        if (!read) return read.error();
        if (step < operation.steps.size()) operation.steps[step] = std::move(*read);
    }
    return operation;
}

std::string all_columns() {
    return std::string(summary_columns) + ", steps, payload, key_caller, key_text, key_digest, key_expires";
}

} // namespace

Writer::Writer(const SQLite::Database &database)
    : insert_(database,
              "INSERT INTO operations (" + all_columns() + ") VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"),
      insert_object_(database, "INSERT OR IGNORE INTO objects (kind, name, namespace, operation) VALUES (?,?,?,?)"),
      find_key_(database, "SELECT 1 FROM operations WHERE key_caller = ? AND key_text = ? AND key_text IS NOT NULL AND "
                          "key_expires > ? LIMIT 1"),
      progress_(database, "UPDATE operations SET state = ?, started = coalesce(?, started), cancelled = cancelled OR ? "
                          "WHERE id = ? AND ended IS NULL"),
      insert_progress_(database, "INSERT OR REPLACE INTO progress (operation, step, text) VALUES (?,?,?)"),
      end_(database, "UPDATE operations SET started = ?, ended = ?, state = ?, failure = ?, code = ?, cancelled = ?, "
                     "resources = ?, failed = ?, steps = ?, payload = NULL WHERE id = ?"),
      free_key_(database, "UPDATE operations SET key_text = NULL WHERE id = ?"),
      forget_progress_(database, "DELETE FROM progress WHERE operation = ?"),
      forget_objects_(database, "DELETE FROM objects WHERE kind = ? AND name = ? AND namespace = ? AND operation = ?"),
      forget_(database, "DELETE FROM operations WHERE id = ?"), database_(database) {}

Result<void> Writer::carry_out(const Change &change) {
    if (const auto *begins = std::get_if<Begin>(&change)) return begin(begins->operation);
    if (const auto *progress = std::get_if<Progress>(&change)) note(*progress);
    if (const auto *ends = std::get_if<End>(&change)) end(*ends);
    if (const auto *prunes = std::get_if<Prune>(&change)) prune(*prunes);
    return {};
}

Result<void> Writer::begin(const Operation &operation) {
    RSF_FAILPOINT("store.begin.before");
    if (operation.key) {
        find_key_.bind(1, operation.key->caller);
        find_key_.bind(2, operation.key->text);
        find_key_.bind(3, count_of(operation.created));
        const bool is_taken = find_key_.executeStep();
        find_key_.reset();
        if (is_taken) return already_exists("another operation has this key");
    }
    int at = 1;
    for (const std::string *text : {&operation.id, &operation.kind, &operation.target, &operation.verb, &operation.ns,
                                    &operation.request_id, &operation.reason, &operation.caller.name})
        insert_.bind(at++, *text);
    insert_.bind(at++, groups_text(operation.caller.groups));
    insert_.bind(at++, operation.caller.address);
    insert_.bind(at++, count_of(operation.created));
    bind(insert_, at++, operation.started);
    bind(insert_, at++, operation.ended);
    insert_.bind(at++, std::string(word_of(operation.state)));
    insert_.bind(at++, operation.failure);
    insert_.bind(at++, operation.code);
    insert_.bind(at++, operation.is_cancelled ? 1 : 0);
    insert_.bind(at++, static_cast<std::int64_t>(operation.resources));
    insert_.bind(at++, static_cast<std::int64_t>(operation.failed));
    insert_.bind(at++, text_of(operation.steps));
    insert_.bind(at++, operation.payload.data(), static_cast<int>(operation.payload.size()));
    if (operation.key) {
        insert_.bind(at++, operation.key->caller);
        insert_.bind(at++, operation.key->text);
        insert_.bind(at++, operation.key->digest);
        insert_.bind(at++, count_of(operation.key->expires));
    } else {
        for (int none = 0; none < 4; ++none) insert_.bind(at++);
    }
    run(insert_);
    for (const Step &step : operation.steps) {
        if (step.object.kind.empty()) continue;
        insert_object_.bind(1, step.object.kind);
        insert_object_.bind(2, step.object.name);
        insert_object_.bind(3, step.object.ns);
        insert_object_.bind(4, operation.id);
        run(insert_object_);
    }
    RSF_FAILPOINT("store.begin.after");
    return {};
}

void Writer::note(const Progress &progress) {
    RSF_FAILPOINT("store.progress.before");
    progress_.bind(1, std::string(word_of(progress.state)));
    bind(progress_, 2, progress.started);
    progress_.bind(3, progress.is_cancelled ? 1 : 0);
    progress_.bind(4, progress.id);
    const bool runs = progress_.exec() != 0;
    progress_.reset();
    if (!runs) return;
    for (const auto &[index, step] : progress.steps) {
        insert_progress_.bind(1, progress.id);
        insert_progress_.bind(2, static_cast<std::int64_t>(index));
        insert_progress_.bind(3, text_of(step));
        run(insert_progress_);
    }
    RSF_FAILPOINT("store.progress.after");
}

void Writer::end(const End &end) {
    RSF_FAILPOINT("store.end.before");
    const Operation &operation = end.operation;
    bind(end_, 1, operation.started);
    bind(end_, 2, operation.ended);
    end_.bind(3, std::string(word_of(operation.state)));
    end_.bind(4, operation.failure);
    end_.bind(5, operation.code);
    end_.bind(6, operation.is_cancelled ? 1 : 0);
    end_.bind(7, static_cast<std::int64_t>(operation.resources));
    end_.bind(8, static_cast<std::int64_t>(operation.failed));
    end_.bind(9, text_of(operation.steps));
    end_.bind(10, operation.id);
    run(end_);
    if (end.frees_key) {
        free_key_.bind(1, operation.id);
        run(free_key_);
    }
    forget_progress_.bind(1, operation.id);
    run(forget_progress_);
    RSF_FAILPOINT("store.end.after");
}

// How many operations there are at most, without a look at each: a million of them take tens of milliseconds to count.
std::int64_t Writer::most_rows() const {
    SQLite::Statement rows(database_,
                           "SELECT (SELECT max(rowid) FROM operations) - (SELECT min(rowid) FROM operations) + 1"); // null: none
    return rows.executeStep() ? rows.getColumn(0).getInt64() : 0;
}

void Writer::prune(const Prune &prune) {
    RSF_FAILPOINT("store.prune.before");
    std::string bound = least_operation_id(prune.before);
    if (most_rows() > static_cast<std::int64_t>(prune.keep)) {
        // The oldest of those that stay. The offset is counted in the index of ids alone.
        SQLite::Statement kept(database_, "SELECT id FROM operations ORDER BY id DESC LIMIT 1 OFFSET ?");
        kept.bind(1, static_cast<std::int64_t>(prune.keep == 0 ? 0 : prune.keep - 1));
        if (kept.executeStep()) {
            std::string oldest = kept.getColumn(0).getString();
            if (prune.keep == 0) oldest += '~'; // none stays
            bound = std::max(bound, oldest);
        }
    }
    SQLite::Statement expire(database_, "UPDATE operations SET key_text = NULL WHERE key_text IS NOT NULL AND key_expires <= ?");
    expire.bind(1, count_of(now()));
    expire.exec();
    SQLite::Statement old(database_, "SELECT id, steps FROM operations WHERE id < ? AND ended IS NOT NULL AND key_text IS NULL "
                                     "ORDER BY id LIMIT ?");
    old.bind(1, bound);
    old.bind(2, static_cast<std::int64_t>(prune.most));
    std::vector<std::pair<std::string, std::string>> found;
    while (old.executeStep()) found.emplace_back(old.getColumn(0).getString(), old.getColumn(1).getString());
    for (const auto &[id, steps] : found) {
        const auto read = read_steps(steps);
        for (std::size_t i = 0; read && i < read->size(); ++i) {
            const ObjectName &object = (*read)[i].object;
            forget_objects_.bind(1, object.kind);
            forget_objects_.bind(2, object.name);
            forget_objects_.bind(3, object.ns);
            forget_objects_.bind(4, id);
            run(forget_objects_);
        }
        forget_.bind(1, id);
        run(forget_);
    }
    RSF_FAILPOINT("store.prune.after");
    if (prune.forgotten) *prune.forgotten = found.size();
}

Result<std::optional<Operation>> find(const SQLite::Database &database, const std::string &id) {
    SQLite::Statement row(database, "SELECT " + all_columns() + " FROM operations WHERE id = ?");
    row.bind(1, id);
    if (!row.executeStep()) return std::nullopt;
    auto operation = operation_of(database, row);
    if (!operation) return operation.error();
    return std::optional(std::move(*operation));
}

Result<Page> list(const SQLite::Database &database, const Filter &filter, std::size_t limit, const std::string &after) {
    std::string where;
    std::vector<std::string> values;
    const auto demand = [&](const std::string &condition, std::string value) {
        where += (where.empty() ? " WHERE " : " AND ") + condition;
        values.push_back(std::move(value));
    };
    if (!after.empty()) demand("id < ?", after);
    if (!filter.target.empty()) demand("target = ?", filter.target);
    if (!filter.caller.empty()) demand("caller = ? AND caller <> ''", filter.caller);
    if (filter.state) demand("state = ?", std::string(word_of(*filter.state)));
    if (filter.since) demand("id >= ?", least_operation_id(*filter.since));
    if (filter.until) demand("id < ?", least_operation_id(*filter.until));
    if (filter.object) {
        std::string object = "id IN (SELECT operation FROM objects WHERE kind = ?";
        std::vector<std::string> more;
        if (!filter.object->name.empty()) object += " AND name = ?", more.push_back(filter.object->name);
        if (!filter.object->ns.empty()) object += " AND (namespace = ? OR namespace = '')", more.push_back(filter.object->ns);
        demand(object + ")", filter.object->kind);
        values.insert(values.end(), more.begin(), more.end());
    }
    SQLite::Statement rows(database,
                           std::string("SELECT ") + summary_columns + " FROM operations" + where + " ORDER BY id DESC LIMIT ?");
    int at = 1;
    for (const std::string &value : values) rows.bind(at++, value);
    rows.bind(at, static_cast<std::int64_t>(limit) + 1);
    Page page;
    while (rows.executeStep()) {
        if (page.operations.size() == limit) {
            page.has_more = true;
            break;
        }
        auto summary = summary_of(rows);
        if (!summary) return summary.error();
        page.operations.push_back(std::move(*summary));
    }
    return page;
}

Result<std::vector<Operation>> unfinished(const SQLite::Database &database) {
    SQLite::Statement rows(database, "SELECT " + all_columns() + " FROM operations WHERE ended IS NULL ORDER BY id");
    std::vector<Operation> found;
    while (rows.executeStep()) {
        auto operation = operation_of(database, rows);
        if (!operation) return operation.error();
        found.push_back(std::move(*operation));
    }
    return found;
}

std::optional<KeyUse> key(const SQLite::Database &database, const std::string &caller, const std::string &text, Time at) {
    SQLite::Statement row(database, "SELECT id, key_digest FROM operations WHERE key_caller = ? AND key_text = ? AND "
                                    "key_text IS NOT NULL AND key_expires > ?");
    row.bind(1, caller);
    row.bind(2, text);
    row.bind(3, count_of(at));
    if (!row.executeStep()) return std::nullopt;
    return KeyUse{row.getColumn(0).getString(), row.getColumn(1).getString()};
}

std::size_t count(const SQLite::Database &database) {
    SQLite::Statement row(database, "SELECT count(*) FROM operations");
    return row.executeStep() ? static_cast<std::size_t>(row.getColumn(0).getInt64()) : 0;
}

} // namespace rsf::store
