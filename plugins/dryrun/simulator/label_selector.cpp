// SPDX-License-Identifier: Apache-2.0
#include "selector.hpp"
#include "syntax.hpp"

#include <resourcifier/driver.hpp>

#include <algorithm>
#include <charconv>

namespace rsf::dryrun::simulator {

using namespace storage;

namespace {

using Operator = LabelSelector::Operator;
using Requirement = LabelSelector::Requirement;

// The grammar is that of k8s.io/apimachinery/pkg/labels: a word is any text without blanks, commas and ! = < > ( ).
class Parser {
  public:
    explicit Parser(std::string_view text) : text_(text), rest_(text) {}

    std::vector<Requirement> parse() {
        std::vector<Requirement> requirements;
        skip_blanks();
        if (rest_.empty()) return requirements;
        do {
            requirements.push_back(requirement());
        } while (take(","));
        if (!rest_.empty()) fail("found " + next() + ", expected ',' or the end");
        return requirements;
    }

  private:
    Requirement requirement() {
        const bool absent = take("!");
        Requirement made{word(), absent ? Operator::absent : Operator::exists, {}};
        if (made.key.empty()) fail("found " + next() + ", expected a label's key");
        if (const char *fault = fault_of_label_key(made.key)) fail("the key \"" + made.key + "\" is invalid: " + fault);
        if (absent || rest_.empty() || rest_.front() == ',') return made;
        if (take("!=")) {
            made.op = Operator::not_in;
            made.values = {value()};
        } else if (take("==") || take("=")) {
            made.op = Operator::in;
            made.values = {value()};
        } else if (const bool greater = take(">"); greater || take("<")) {
            made.op = greater ? Operator::greater : Operator::less;
            made.bound = number();
        } else {
            set(made);
        }
        return made;
    }

    void set(Requirement &made) {
        const std::string op = word();
        if (op != "in" && op != "notin")
            fail("found " + (op.empty() ? next() : "\"" + op + "\"") + ", expected one of =, ==, !=, in, notin, > and <");
        made.op = op == "in" ? Operator::in : Operator::not_in;
        if (!take("(")) fail("found " + next() + ", expected '('");
        do {
            made.values.push_back(value());
        } while (take(","));
        if (!take(")")) fail("found " + next() + ", expected ',' or ')'");
    }

    std::string value() {
        std::string text = word();
        if (const char *fault = fault_of_label_value(text)) fail("the value \"" + text + "\" is invalid: " + fault);
        return text;
    }

    std::int64_t number() {
        const std::string digits = word();
        std::int64_t number = 0;
        const auto [end, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
        if (failed != std::errc() || end != digits.data() + digits.size()) fail("after > and < comes a whole number");
        return number;
    }

    static bool blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }
    void skip_blanks() {
        while (!rest_.empty() && blank(rest_.front())) rest_.remove_prefix(1);
    }

    bool take(std::string_view symbol) {
        if (!rest_.starts_with(symbol)) return false;
        rest_.remove_prefix(symbol.size());
        skip_blanks();
        return true;
    }

    std::string word() {
        std::size_t size = 0;
        while (size < rest_.size() && !blank(rest_[size]) &&
               std::string_view("!=<>(),").find(rest_[size]) == std::string_view::npos)
            ++size;
        std::string found(rest_.substr(0, size));
        rest_.remove_prefix(size);
        skip_blanks();
        return found;
    }

    std::string next() const { return rest_.empty() ? "the end" : "'" + std::string(1, rest_.front()) + "'"; }

    [[noreturn]] void fail(const std::string &why) const {
        throw Error(Code::invalid, "unable to parse the label selector \"" + std::string(text_) + "\": " + why, Retry::never);
    }

    std::string_view text_, rest_;
};

bool holds(const Requirement &wanted, const Labels &labels) {
    const auto found = std::find_if(labels.begin(), labels.end(), [&](const auto &label) { return label.first == wanted.key; });
    const bool there = found != labels.end();
    const auto listed = [&] {
        return std::find(wanted.values.begin(), wanted.values.end(), found->second) != wanted.values.end();
    };
    std::int64_t number = 0;
    const auto compares = [&] {
        const std::string &text = found->second;
        const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
        return failed == std::errc() && end == text.data() + text.size();
    };
    switch (wanted.op) {
    case Operator::in: return there && listed();
    case Operator::not_in: return !there || !listed();
    case Operator::exists: return there;
    case Operator::absent: return !there;
    case Operator::greater: return there && compares() && number > wanted.bound;
    case Operator::less: return there && compares() && number < wanted.bound;
    }
    return false;
}

} // namespace

LabelSelector::LabelSelector(std::string_view text) : requirements_(Parser(text).parse()) {}

bool LabelSelector::matches(const Labels &labels) const {
    return std::all_of(requirements_.begin(), requirements_.end(), [&](const Requirement &each) { return holds(each, labels); });
}

} // namespace rsf::dryrun::simulator
