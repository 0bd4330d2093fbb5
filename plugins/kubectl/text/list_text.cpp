// SPDX-License-Identifier: Apache-2.0
#include "kubectl/text/list_text.hpp"

#include <boost/json/serialize.hpp>
#include <boost/json/string.hpp>

namespace rsf::kubectl::text {

namespace {

// Reads JSON from its beginning, value by value. After the first error every read fails.
class Scanner {
  public:
    explicit Scanner(std::string_view text) : text_(text) {}

    bool is_good() const { return good_; }
    void fail() { good_ = false; }
    bool is_at_end() { return good_ && next() == '\0' && at_ == text_.size(); }

    // The byte that comes next; 0: none.
    char next() {
        while (at_ < text_.size() && is_space(text_[at_])) ++at_;
        return at_ < text_.size() ? text_[at_] : '\0';
    }
    // Whether this byte comes next; skips it then.
    bool take(char byte) {
        if (next() != byte) return false;
        ++at_;
        return true;
    }
    void want(char byte) {
        if (!take(byte)) good_ = false;
    }
    // The text of a string, without its quotes.
    std::string_view string() {
        want('"');
        const std::size_t begin = at_;
        while (good_ && at_ < text_.size() && text_[at_] != '"') at_ += text_[at_] == '\\' ? 2 : 1;
        if (!good_ || at_ >= text_.size()) {
            good_ = false;
            return {};
        }
        return text_.substr(begin, at_++ - begin);
    }
    // The text of any value.
    std::string_view value() {
        const char first = next();
        const std::size_t begin = at_;
        if (first == '{' || first == '[')
            brackets();
        else if (first == '"')
            string();
        else
            word();
        return good_ ? text_.substr(begin, at_ - begin) : std::string_view{};
    }
    // Calls each for every element between these brackets, which reads it.
    template <class Each> void elements(char open, char close, Each each) {
        want(open);
        if (take(close)) return;
        do each();
        while (good_ && take(','));
        want(close);
    }
    // The same for the members of an object, with the key; each reads the value.
    template <class Each> void members(Each each) {
        elements('{', '}', [&] {
            const std::string_view key = string();
            want(':');
            each(key);
        });
    }

  private:
    static bool is_space(char byte) { return byte == ' ' || byte == '\n' || byte == '\r' || byte == '\t'; }

    void brackets() {
        for (std::size_t depth = 0; good_ && at_ < text_.size();) {
            const char byte = text_[at_];
            if (byte == '"') {
                string();
                continue;
            }
            ++at_;
            if (byte == '{' || byte == '[') ++depth;
            if ((byte == '}' || byte == ']') && --depth == 0) return;
        }
        good_ = false;
    }
    void word() {
        const std::size_t begin = at_;
        while (at_ < text_.size() && !is_space(text_[at_]) && std::string_view(",:]}[{\"").find(text_[at_]) == text_.npos) ++at_;
        if (at_ == begin) good_ = false;
    }

    const std::string_view text_;
    std::size_t at_ = 0;
    bool good_ = true;
};

std::string member(std::string_view key, std::string_view text) {
    return "\"" + std::string(key) + "\":" + boost::json::serialize(boost::json::string(text)) + ",";
}

} // namespace

std::optional<std::string_view> items_of(std::string_view list) {
    std::optional<std::string_view> items;
    Scanner scanner(list);
    scanner.members([&](std::string_view key) {
        const std::string_view value = scanner.value();
        if (key == "items") items = value == "null" ? "[]" : value;
    });
    if (!scanner.is_at_end() || !items || !items->starts_with('[')) return std::nullopt;
    return items;
}

bool each_item(std::string_view items, const std::function<void(std::string_view item)> &use) {
    Scanner scanner(items);
    scanner.elements('[', ']', [&] {
        const std::string_view item = scanner.value();
        if (scanner.is_good()) use(item);
    });
    return scanner.is_at_end();
}

std::optional<std::string> as_list(std::string_view answer, std::string_view api_version, std::string_view kind) {
    const std::optional<std::string_view> items = items_of(answer);
    if (!items) return std::nullopt;
    const std::string its_version = member("apiVersion", api_version), its_kind = member("kind", kind);
    std::string list;
    // An item of some hundred bytes grows by a quarter; memory that is not written to costs nothing.
    list.reserve(items->size() + items->size() / 4 + 128);
    list += R"({"apiVersion":"v1","items":[)";
    Scanner scanner(*items);
    bool first = true;
    scanner.elements('[', ']', [&] {
        const std::string_view item = scanner.value();
        bool has_version = false, has_kind = false, has_any = false;
        Scanner inside(item);
        inside.members([&](std::string_view key) {
            inside.value();
            has_version = has_version || key == "apiVersion";
            has_kind = has_kind || key == "kind";
            has_any = true;
        });
        if (!inside.is_good()) return scanner.fail(); // it is no object
        if (!first) list += ',';
        first = false;
        list += '{';
        if (!has_version) list += its_version;
        if (!has_kind) list += its_kind;
        if (!has_any) list.pop_back(); // the comma
        list += item.substr(1);
    });
    if (!scanner.is_at_end()) return std::nullopt;
    list += R"(],"kind":"List","metadata":{"resourceVersion":"","selfLink":""}})";
    return list;
}

} // namespace rsf::kubectl::text
