// SPDX-License-Identifier: Apache-2.0
//
// write_yaml. Quotes more than any one reader needs: a plain scalar is one that YAML 1.1 and 1.2, and go-yaml, read as that
// string.
#include "parse/document.hpp"
#include "parse/number_text.hpp"
#include "parse/yaml/text.hpp"

#include <utility>

namespace rsf::parse {

namespace json = boost::json;

namespace {

// libyaml takes no key of more than 1024 bytes without "? " before it.
constexpr std::size_t longest_simple_key = 900;

constexpr std::size_t small_text = 4096; // bytes for which there is always room

class Writer {
  public:
    // room: as write_yaml_within has it; empty: there is enough.
    explicit Writer(std::function<bool(std::size_t)> room = {}) : room_(std::move(room)) {}

    std::string take() { return std::move(out_); }
    // Whether there was too little room. Then the rest is not written.
    bool is_full() const { return full_; }

    void document(const json::value &value) {
        if (is_block(value))
            block(value, 0);
        else
            scalar(value, 0);
    }

  private:
    static bool is_block(const json::value &value) {
        return (value.is_object() && !value.get_object().empty()) || (value.is_array() && !value.get_array().empty());
    }

    void indent(std::size_t columns) { out_.append(columns, ' '); }

    // A non-empty list or mapping whose first line has been indented already.
    void block(const json::value &value, std::size_t column) {
        bool first = true;
        const auto line = [&] {
            if (!first) indent(column);
            first = false;
            look_for_room();
            return !full_;
        };
        if (const json::object *object = value.if_object()) {
            for (const auto &[key, item] : *object) {
                if (!line()) return;
                entry(key, item, column);
            }
            return;
        }
        for (const json::value &item : value.get_array()) {
            if (!line()) return;
            out_ += "- ";
            if (is_block(item))
                block(item, column + 2);
            else
                scalar(item, column);
        }
    }

    void entry(std::string_view key, const json::value &item, std::size_t column) {
        const std::size_t begin = out_.size();
        append_yaml_key(out_, key);
        if (out_.size() - begin > longest_simple_key) {
            out_.insert(begin, "? ");
            out_ += '\n';
            indent(column);
        }
        out_ += ':';
        if (!is_block(item)) {
            out_ += ' ';
            scalar(item, column);
            return;
        }
        out_ += '\n';
        const std::size_t inner = item.is_array() ? column : column + 2; // kubectl sets lists so
        indent(inner);
        block(item, inner);
    }

    // What is left of a line, and the lines of a literal block, which stand right of column.
    void scalar(const json::value &value, std::size_t column) {
        switch (value.kind()) {
        case json::kind::null: out_ += "null"; break;
        case json::kind::bool_: out_ += value.get_bool() ? "true" : "false"; break;
        case json::kind::int64: out_ += std::to_string(value.get_int64()); break;
        case json::kind::uint64: out_ += std::to_string(value.get_uint64()); break;
        case json::kind::double_: out_ += yaml_number(value.get_double()); break;
        case json::kind::array: out_ += "[]"; break;
        case json::kind::object: out_ += "{}"; break;
        case json::kind::string: append_yaml_string(out_, value.get_string(), column + 2); return;
        }
        out_ += '\n';
    }

    // For what was written, and what the string takes besides: it grows to twice its size at a time.
    void look_for_room() {
        const std::size_t taken = out_.capacity();
        if (!room_ || full_ || taken <= granted_) return;
        full_ = !room_(taken - granted_);
        granted_ = taken;
    }

    const std::function<bool(std::size_t)> room_;
    std::size_t granted_ = small_text;
    bool full_ = false;
    std::string out_;
};

} // namespace

std::optional<std::string> write_yaml_within(const json::value &value, const std::function<bool(std::size_t)> &room) {
    Writer writer(room);
    writer.document(value);
    if (writer.is_full()) return std::nullopt;
    return writer.take();
}

std::string write_yaml(const json::value &value) {
    Writer writer;
    writer.document(value);
    return writer.take();
}

} // namespace rsf::parse
