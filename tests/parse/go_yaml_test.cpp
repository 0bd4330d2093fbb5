// SPDX-License-Identifier: Apache-2.0
//
// Our reader beside kubectl's own (go-yaml v2 through ghodss/yaml): what both take has the same value, and where one takes what
// the other refuses, the document is of a class that docs/yaml.md describes.
#include "documents.hpp"
#include "random_values.hpp"
#include "support/temp_folder.hpp"

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <iostream>
#include <map>
#include <optional>

using namespace rsf::parse;
namespace json = boost::json;
namespace fs = std::filesystem;

namespace {

const std::string go_yaml = std::string(TEST_BINARY_DIR) + "/tests/go_yaml";

bool have_go_yaml() {
    if (fs::exists(go_yaml)) return true;
    std::cout << "skipped: no Go, or no golang-github-ghodss-yaml-dev, was there when this was configured\n";
    return false;
}

void put_frame(std::string &out, std::string_view text) {
    for (const int shift : {24, 16, 8, 0}) out += static_cast<char>(text.size() >> shift & 0xFF);
    out += text;
}

// The JSON that Go writes of what go-yaml makes of each document; none where it refuses.
std::vector<std::optional<std::string>> json_of_go(const std::vector<std::string> &documents) {
    const rsf::test::TempFolder folder;
    std::string frames;
    for (const std::string &document : documents) put_frame(frames, document);
    folder.write("in", frames);
    REQUIRE(std::system((go_yaml + " < " + (folder / "in").string() + " > " + (folder / "out").string()).c_str()) == 0);
    const std::string answers = folder.read("out");
    std::vector<std::optional<std::string>> texts;
    for (std::size_t at = 0; at + 4 < answers.size();) {
        std::size_t size = 0;
        for (int i = 0; i < 4; ++i) size = size << 8 | static_cast<unsigned char>(answers[at++]);
        const std::string_view answer = std::string_view(answers).substr(at, size);
        at += size;
        if (answer.front() == '+')
            texts.emplace_back(answer.substr(1));
        else
            texts.emplace_back();
    }
    REQUIRE(texts.size() == documents.size());
    return texts;
}

std::vector<std::optional<json::value>> read_with_go(const std::vector<std::string> &documents) {
    std::vector<std::optional<json::value>> values;
    for (const auto &text : json_of_go(documents)) {
        values.emplace_back();
        if (!text) continue;
        const auto value = read_json(*text, {});
        REQUIRE(value);
        values.back() = value->value;
    }
    return values;
}

// The classes of docs/yaml.md. go_only: go-yaml takes it and we do not; ours_only: the other way round.
const std::map<std::string, std::vector<std::string>> ours_only = {
    {"directives", {"27NA", "2LFX", "6LVF", "9MMA", "B63P", "BEC7", "DK95-7", "MUS6-5", "MUS6-6", "RTP8"}},
    {"escaped slash", {"3UYS"}},
    {"colons in flow collections", {"58MP", "5T43", "DBG4", "HM87-0"}},
    {"properties on a line of their own", {"G9HC", "H7J7"}},
    {"tabs", {"96NN-0", "96NN-1", "DK95-3", "R4YG", "Y79Y-1"}},
    {"empty entries in flow collections", {"WZ62"}},
    {"end marker alone", {"HWV9", "QT73"}},
};
const std::map<std::string, std::vector<std::string>> go_only = {
    {"further documents",
     {"35KP", "5TYM", "6WLZ", "6ZKB", "7Z25", "9DXL", "9HCY", "9KAX", "9WXW", "EB22", "JHB9", "KSS4", "L383", "M7A3", "QLJ7",
      "RZT7", "U9NS"}},
    {"leftovers", {"3HFZ", "4H7K", "BS4K", "DK3J", "FP8R", "KS4U"}},
    {"binary that is no text", {"565N"}},
    {"question marks in flow collections", {"652Z", "HM87-1"}},
    {"flow keys without a value over several lines", {"8KB6", "9BXH"}},
    {"directives", {"MUS6-0", "RHX7"}},
    {"colons in flow collections", {"4ABK"}},
    {"blank lines before a closing quote", {"NAT4"}},
    {"tags without a value", {"U99R", "UKK6-2"}},
    {"names of anchors", {"Y2GN"}},
};

std::string class_of(const std::map<std::string, std::vector<std::string>> &classes, const std::string &id) {
    for (const auto &[name, ids] : classes)
        if (std::find(ids.begin(), ids.end(), id) != ids.end()) return name;
    return {};
}

} // namespace

TEST_CASE("yaml-test-suite: what both take has the same value, and all else is of a known class") {
    if (!have_go_yaml()) return;
    std::vector<std::string> documents, ids;
    for (const auto &entry : load_cases("data/yaml-test-suite/cases.jsonl")) {
        documents.emplace_back(entry.at("yaml").as_string());
        ids.emplace_back(entry.at("id").as_string());
    }
    REQUIRE(documents.size() == 402);
    const auto theirs = read_with_go(documents);
    std::size_t both = 0;
    for (std::size_t i = 0; i < documents.size(); ++i) {
        const auto ours = read_yaml(documents[i], {});
        INFO(ids[i] << "\n" << documents[i] << "\nours: " << (ours ? write_json(ours->value) : error_of(ours)));
        if (ours && theirs[i]) {
            INFO("go-yaml: " << write_json(*theirs[i]));
            CHECK(same(ours->value, *theirs[i]));
            ++both;
        }
        if (ours && !theirs[i]) CHECK(class_of(ours_only, ids[i]) != "");
        if (!ours && theirs[i]) CHECK(class_of(go_only, ids[i]) != "");
        if (ours.has_value() == theirs[i].has_value()) CHECK(class_of(ours_only, ids[i]) + class_of(go_only, ids[i]) == "");
    }
    CHECK(both >= 220);
}

TEST_CASE("Kubernetes' own test objects have the same value") {
    if (!have_go_yaml()) return;
    std::vector<fs::path> folders;
    if (const char *given = std::getenv("RESOURCIFIER_KUBERNETES_TESTDATA")) {
        folders.emplace_back(given);
    } else {
        const char *cache = std::getenv("XDG_CACHE_HOME"), *home = std::getenv("HOME");
        folders.push_back((cache ? fs::path(cache) : fs::path(home ? home : "/") / ".cache") /
                          "resourcifier/kubernetes-testdata");
    }
    std::vector<std::string> documents, names;
    for (const fs::path &folder : folders) {
        std::error_code ec;
        for (const auto &entry : fs::recursive_directory_iterator(folder, ec)) {
            if (!entry.is_regular_file() || entry.path().extension() != ".yaml") continue;
            documents.push_back(rsf::test::read_file(entry.path()));
            names.push_back(entry.path().string());
        }
    }
    if (documents.empty()) {
        std::cout << "skipped: no *.yaml in " << folders.front() << "; RESOURCIFIER_KUBERNETES_TESTDATA names another folder\n";
        return;
    }
    const auto theirs = read_with_go(documents);
    for (std::size_t i = 0; i < documents.size(); ++i) {
        INFO(names[i]);
        const auto ours = read_yaml(documents[i], {});
        if (ours) {
            REQUIRE(theirs[i]);
            CHECK(same(ours->value, *theirs[i]));
        } else if (theirs[i]) {
            CHECK_THAT(error_of(ours), ContainsSubstring("A further document begins here") || ContainsSubstring("appears twice"));
        }
    }
}

TEST_CASE("plain scalars, tags and keys mean the same as to go-yaml") {
    if (!have_go_yaml()) return;
    std::istringstream words(
        "0777 0o7 1_000 08 1e3 .5 +1 -0 ~ null Yes 22:22 0b101 0x1F 1.10 2001-01-01 = << yes no on off y n Y N true TRUE tRUE "
        ".nan .inf "
        "-.inf +.inf .NaN .Inf 1E400 -1e400 1e-400 18446744073709551615 18446744073709551616 9223372036854775807 "
        "9223372036854775808 "
        "-9223372036854775808 -9223372036854775809 +9223372036854775808 9007199254740993 0x 0b 0o 0x1_F 1__0 _1 1_ -_1 +-1 -0b11 "
        "0b-11 "
        "0b+1 +0b1 -0x1f 0X1F 0B1 0O7 1. 1.e3 .e3 1e 1e+ 1e+3 1E3 -.5 +.5 . .. - -- -1. 0. 00 -00 09.5 007.5 1e21 1e20 "
        "123456789012345678901234567890 0.1e-7 1.0 10.0 2001-1-1 2001-13-01 2001-02-30 2001-01-01T00:00:00Z "
        "2001-12-14t21:59:43.10-05:00 2001-01-01T1:2:3Z 2000-02-29 1900-02-29 1:2 1:2:3 190:20:30.15 0.1_0 12e03 nan inf NaN "
        "0x7fffffffffffffff 0xffffffffffffffff 0x10000000000000000 -0x8000000000000000 1e308 1e309 2.5e-324 1e-324 1,000 1.2.3 "
        "1-2 0o8 "
        "0o-7 0b2 0b101_0 +0 -12 +0x1f ~a Null NULL nUll .9_6 ._9 .9_ .9__6 .5e1_0");
    const std::vector<std::string> known{std::istream_iterator<std::string>(words), {}};
    std::vector<std::string> scalars = known;
    std::mt19937 engine(7);
    constexpr std::string_view alphabet = "0123456789+-._eExXoObB:0123456789aAfFtTzZyYnN~";
    while (scalars.size() < 6000) {
        std::string scalar;
        for (std::size_t n = 1 + engine() % 8; n > 0; --n)
            scalar += alphabet[engine() % (scalars.size() % 2 ? 22 : alphabet.size())];
        scalars.push_back(scalar);
    }
    std::vector<std::string> documents;
    for (const std::string &scalar : scalars) documents.push_back("v: " + scalar);
    for (const std::string &scalar : known) {
        for (const char *tag : {"!!int", "!!float", "!!str", "!!bool", "!!null", "!!timestamp", "!mine", "!"}) {
            documents.push_back(std::string("v: ") + tag + " " + scalar);
            documents.push_back(std::string("v: ") + tag + " \"" + scalar + "\"");
        }
        documents.push_back("[" + scalar + "]");
        if (scalar.find("inf") == std::string::npos &&
            scalar.find("nan") == std::string::npos) // infinite keys: a class of docs/yaml.md
            documents.push_back(scalar + ": 1");
    }
    const auto theirs = read_with_go(documents);
    for (std::size_t i = 0; i < documents.size(); ++i) {
        const auto ours = read_yaml(documents[i], {});
        INFO(documents[i] << "\nours: " << (ours ? write_json(ours->value) : error_of(ours)));
        const bool infinite_key =
            documents[i].starts_with(".") || documents[i].starts_with("-.") || documents[i].starts_with("+.");
        if (!infinite_key) CHECK(ours.has_value() == theirs[i].has_value());
        if (ours && theirs[i]) CHECK(same(ours->value, *theirs[i]));
    }
}

TEST_CASE("what one reader takes and the other refuses, and what was read differently once") {
    if (!have_go_yaml()) return;
    const std::vector<std::string> documents = {"# c\ra: 1\n",
                                                "resources:\r- name: a\r  type: cm\r",
                                                "a: 1\r\rb: 2",
                                                "a: \"b\r  c\"",
                                                "a: |\r  b\r  c\r",
                                                "a: b # c\rd: e",
                                                "a: \"x\\_y\\Nz\\L\\P\"",
                                                "\"\\_\": \"\\N\"",
                                                "a: \"\\x85\\xA0\\u00e9\\U0001F600\"",
                                                "a: \"\\ud83d\\ude00\"",
                                                "a: 'x\u2028  y'",
                                                "a: 'x\u2029y'",
                                                "a: \"x \u2028 y\"",
                                                "a: x\u2028  y",
                                                "a: |\n  x\u2028  y\n",
                                                "a: 1\u2028b: 2",
                                                "a: 1\u0085b: 2",
                                                "a: 'x\u0085y'",
                                                "# c\u2028a: 1",
                                                "a:\n'b'",
                                                "a:\n\"b\"",
                                                "a:\n[b]",
                                                "a:\n{b: c}",
                                                "- a:\n  'b'",
                                                "a:\n'b'\nc: d",
                                                "a:\n|\n b",
                                                "[!\"a\"]",
                                                "[! \"a\"]",
                                                "{!'a': b}",
                                                "[!!str\"a\"]",
                                                "- !'a'",
                                                "\t{}",
                                                "\t[]",
                                                "\ta: 1",
                                                "{\t}",
                                                "a:\t{}",
                                                "a: \t{}",
                                                " \t{}",
                                                "\t'a'",
                                                "- \t{}",
                                                "-\t{}",
                                                "a:\n\t{}",
                                                "{a: 1,\n\tb: 2}",
                                                "[\n\ta]",
                                                "{\"a\": \"\x7F\"}",
                                                "%a",
                                                "%a: 1",
                                                "a: 1\n%b: 2",
                                                "a: b\n%c",
                                                "a:\n  b\n%c",
                                                "'a\n%b'",
                                                "a: \"b\n%c\"",
                                                "|\n %a",
                                                "%",
                                                "a\n%",
                                                "- a\n%b",
                                                "[a,\n%b]",
                                                "[1,,2]",
                                                "[1,2,]",
                                                "[,1]",
                                                "{\"a\": tru}",
                                                "{\"a\": 1,}",
                                                "{\"a\" 1}",
                                                "{'a': 1}",
                                                "[1 2]",
                                                "{\"a\": 01}",
                                                "{a}",
                                                "[a: b]",
                                                "{\"a\":1}",
                                                "{\"a\": .5}",
                                                "{\"a\": NaN}",
                                                "[0x10]",
                                                "{\"a\": \"b\tc\"}",
                                                "{\"a\": \"b\nc\"}",
                                                "a: -0",
                                                "a: -0.0",
                                                "a: 1.0",
                                                "a: 1e400",
                                                "a: 18446744073709551615",
                                                "a: 18446744073709551616",
                                                "a: 0.1e-6",
                                                "? a\n: b",
                                                "a: !!str",
                                                "!",
                                                "- ! 1",
                                                "&a a: *a",
                                                "[&a ! 1, *a]",
                                                "a: \u00A0",
                                                "\uFEFFa: 1",
                                                "a: \uFFFD",
                                                "a: \U0001F600",
                                                "a: \U0010FFFF"};
    // As docs/yaml.md lists them.
    const std::vector<std::string> only_go_takes = {"a: x\u2028  y", "a: |\n  x\u2028  y\n", "a: 1\u2028b: 2", "a: 1\u0085b: 2",
                                                    "a: 'x\u0085y'", "# c\u2028a: 1",        "- !'a'",         "!"};
    const std::vector<std::string> only_we_take = {"a:\n'b'\nc: d", "[!\"a\"]", "[!!str\"a\"]", "%a", "%a: 1", "%"};
    const auto is_in = [](const std::vector<std::string> &list, const std::string &text) {
        return std::find(list.begin(), list.end(), text) != list.end();
    };
    const auto theirs = json_of_go(documents);
    for (std::size_t i = 0; i < documents.size(); ++i) {
        const auto ours = read_yaml(documents[i], {});
        INFO(documents[i] << "\nours: " << (ours ? write_json(ours->value) : error_of(ours))
                          << "\ngo-yaml: " << theirs[i].value_or("refused"));
        CHECK((!ours && theirs[i]) == is_in(only_go_takes, documents[i]));
        CHECK((ours && !theirs[i]) == is_in(only_we_take, documents[i]));
        if (ours && theirs[i]) CHECK(same(ours->value, read_json(*theirs[i], {})->value));
    }
}

TEST_CASE("numbers are written as Go writes them") {
    if (!have_go_yaml()) return;
    std::mt19937_64 engine(64);
    std::vector<std::string> documents;
    const auto add = [&](double number) {
        char text[64];
        std::snprintf(text, sizeof text, "%.17g", number);
        documents.emplace_back(text);
    };
    for (const char *number : {"0.5",
                               "5e-1",
                               "1.0",
                               "-0",
                               "-0.0",
                               "1e21",
                               "1e20",
                               "999999999999999999999",
                               "1e-6",
                               "1e-7",
                               "9.99e-7",
                               "5e-324",
                               "1.7976931348623157e308",
                               "18446744073709551615",
                               "18446744073709551616",
                               "-9223372036854775808",
                               "9007199254740993",
                               "123456789.125",
                               "1e23",
                               "4503599627370496.5"})
        documents.emplace_back(number);
    while (documents.size() < 30000) {
        const std::uint64_t bits = engine();
        double number = 0;
        std::memcpy(&number, &bits, sizeof number);
        if (std::isfinite(number)) add(number);
        add(static_cast<double>(static_cast<std::int64_t>(engine())) / std::pow(10, engine() % 40));
        add(std::ldexp(1, static_cast<int>(engine() % 200) - 100));
    }
    const auto theirs = json_of_go(documents);
    for (std::size_t i = 0; i < documents.size(); ++i) {
        INFO(documents[i]);
        REQUIRE(theirs[i]);
        const auto ours = read_yaml(documents[i], {});
        REQUIRE(ours);
        REQUIRE(write_json(ours->value) == *theirs[i]);
    }
}

TEST_CASE("what is written as YAML or JSON reads back the same with go-yaml") {
    if (!have_go_yaml()) return;
    RandomValues random(1605);
    std::vector<json::value> values;
    std::vector<std::string> documents;
    for (int i = 0; i < 3000; ++i) {
        values.push_back(random.value(4));
        documents.push_back(i % 2 == 0 ? write_yaml(values.back()) : write_json(values.back()));
    }
    const auto theirs = read_with_go(documents);
    for (std::size_t i = 0; i < documents.size(); ++i) {
        INFO(documents[i]);
        REQUIRE(theirs[i]);
        REQUIRE(same(*theirs[i], values[i]));
    }
}
