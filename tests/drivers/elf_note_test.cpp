// SPDX-License-Identifier: Apache-2.0
#include "drivers/trust/elf_note.hpp"

#include "scratch.hpp"

#include "drivers/trust/trusted_file.hpp"

#include <cstring>
#include <elf.h>
#include <fcntl.h>
#include <functional>
#include <iterator>
#include <link.h>
#include <random>
#include <unistd.h>

namespace rsf::drivers::test {

namespace fs = std::filesystem;

namespace {

Result<AbiVersion> read_note(const fs::path &file) {
    const FileDescriptor opened(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
    return read_abi_note(opened.get(), "x.so");
}

std::string note_refusal(const fs::path &file) {
    const auto version = read_note(file);
    return version ? "ABI " + to_string(*version) : to_string(version.error());
}

// A file of this machine's with one program segment of notes, as small as can be.
struct Elf {
    ElfW(Ehdr) header{};
    ElfW(Phdr) segment{};
    std::string notes;

    Elf() : Elf(note("resourcifier", 1, words(1, 0))) {}
    explicit Elf(std::string with) : notes(std::move(with)) {
        const std::string model = rsf::test::read_file(library("no_note"));
        std::memcpy(header.e_ident, model.data(), EI_NIDENT);
        std::memcpy(&header.e_machine, model.data() + offsetof(ElfW(Ehdr), e_machine), sizeof header.e_machine);
        header.e_type = ET_DYN;
        header.e_phoff = sizeof header;
        header.e_phentsize = sizeof segment;
        header.e_phnum = 1;
        segment.p_type = PT_NOTE;
        segment.p_offset = sizeof header + sizeof segment;
        segment.p_filesz = notes.size();
        segment.p_align = 4;
    }

    std::string bytes() const {
        std::string all(reinterpret_cast<const char *>(&header), sizeof header);
        return all.append(reinterpret_cast<const char *>(&segment), sizeof segment) + notes;
    }

    static std::string words(std::uint32_t first, std::uint32_t second) {
        std::string text(8, '\0');
        std::memcpy(text.data(), &first, 4);
        std::memcpy(text.data() + 4, &second, 4);
        return text;
    }

    static std::string note(std::string_view owner, std::uint32_t type, const std::string &value, std::size_t alignment = 4) {
        const ElfW(Nhdr) start{static_cast<std::uint32_t>(owner.size() + 1), static_cast<std::uint32_t>(value.size()), type};
        std::string text(reinterpret_cast<const char *>(&start), sizeof start);
        text.append(owner).append(1, '\0');
        text.resize((text.size() + alignment - 1) / alignment * alignment);
        text += value;
        text.resize((text.size() + alignment - 1) / alignment * alignment);
        return text;
    }
};

// Exactly one driver ABI note, whatever stands around it.
const std::string own = Elf::note("resourcifier", 1, Elf::words(1, 0));

} // namespace

TEST_CASE("the note of a driver built with the SDK is read") {
    CHECK(note_refusal(library("good_c")) == "ABI 1.0");
    CHECK(note_refusal(library("throws_123")) == "ABI 1.0");
    CHECK(note_refusal(library("other_major")) == "ABI 2.0");
}

TEST_CASE("notes are found among others, and by owner and type only") {
    struct Row {
        const char *name;
        std::string notes;
        std::size_t alignment;
        std::string outcome;
    };
    const std::string none = "x.so: the file carries no driver ABI note";
    const Row row = GENERATE_COPY(values<Row>({
        {"alone", own, 4, "ABI 1.0"},
        {"after another", Elf::note("GNU", 3, "build id of odd size!") + own, 4, "ABI 1.0"},
        {"before another", own + Elf::note("GNU", 3, "build id"), 4, "ABI 1.0"},
        {"twice the same", own + own, 4, "ABI 1.0"},
        {"aligned to 8", Elf::note("GNU", 5, "abcd", 8) + Elf::note("resourcifier", 1, Elf::words(3, 4), 8), 8, "ABI 3.4"},
        {"a longer value, of a later release", Elf::note("resourcifier", 1, Elf::words(1, 2) + "more"), 4, "ABI 1.2"},
        {"padding behind it", own + std::string(8, '\0'), 4, "ABI 1.0"},
        {"another type", Elf::note("resourcifier", 2, Elf::words(1, 0)), 4, none},
        {"another owner", Elf::note("resourcifies", 1, Elf::words(1, 0)), 4, none},
        {"a longer owner", Elf::note("resourcifierd", 1, Elf::words(1, 0)), 4, none},
        {"no notes at all", "", 4, none},
        {"two that differ", own + Elf::note("resourcifier", 1, Elf::words(1, 1)), 4,
         "x.so: the file carries two driver ABI notes, for "
         "1.0 and 1.1"},
        {"too short a value", Elf::note("resourcifier", 1, "abcd"), 4, "x.so: the file's driver ABI note is too short"},
    }));
    CAPTURE(row.name);
    const TempFolder scratch;
    Elf elf(row.notes);
    elf.segment.p_align = row.alignment;
    CHECK_THAT(note_refusal(scratch.write("x.so", elf.bytes())), StartsWith(row.outcome));
}

TEST_CASE("what is no shared object for this machine is refused with its sentence") {
    struct Row {
        const char *name;
        std::function<void(Elf &)> spoil;
        const char *sentence;
    };
    const Row row = GENERATE(values<Row>({
        {"another magic", [](Elf &elf) { elf.header.e_ident[1] = 'M'; },
         "the file is not an ELF file; a driver is a shared object"},
        {"another machine", [](Elf &elf) { elf.header.e_machine = elf.header.e_machine == EM_AARCH64 ? EM_X86_64 : EM_AARCH64; },
         "the file was built for "},
        {"another word size", [](Elf &elf) { elf.header.e_ident[EI_CLASS] ^= 3; }, "the file was built for "},
        {"another byte order", [](Elf &elf) { elf.header.e_ident[EI_DATA] ^= 3; }, "the file was built for "},
        {"a program", [](Elf &elf) { elf.header.e_type = ET_EXEC; },
         "the file is not a shared object; a driver is linked with -shared"},
        {"an object file", [](Elf &elf) { elf.header.e_type = ET_REL; },
         "the file is not a shared object; a driver is linked with -shared"},
        {"no segments", [](Elf &elf) { elf.header.e_phnum = 0; }, "the file's ELF header describes no program segments"},
        {"the most segments", [](Elf &elf) { elf.header.e_phnum = 0xFFFF; },
         "the file's ELF header describes no program segments"},
        {"segments of another size", [](Elf &elf) { elf.header.e_phentsize = 1; },
         "the file's ELF header describes no program segments"},
        {"segments outside", [](Elf &elf) { elf.header.e_phoff = 1 << 20; }, "the file is damaged or cut short"},
        {"segments at the end of the address space", [](Elf &elf) { elf.header.e_phoff = ~ElfW(Off){0}; },
         "the file is damaged or cut short"},
        {"one segment too many", [](Elf &elf) { elf.header.e_phnum = 200; }, "the file is damaged or cut short"},
        {"section headers outside", [](Elf &elf) { elf.header.e_shoff = 1 << 20; }, "the file is damaged or cut short"},
        {"notes outside", [](Elf &elf) { elf.segment.p_offset = 1 << 20; }, "the file is damaged or cut short"},
        {"notes that wrap around", [](Elf &elf) { elf.segment.p_offset = ~ElfW(Off){0} - 8; },
         "the file is damaged or cut short"},
        {"notes longer than the file", [](Elf &elf) { elf.segment.p_filesz = 1 << 20; }, "the file is damaged or cut short"},
        {"notes as long as the address space", [](Elf &elf) { elf.segment.p_filesz = ~ElfW(Xword){0}; },
         "the file is damaged or cut short"},
        {"a note's owner longer than the notes", [](Elf &elf) { elf.notes.replace(0, 4, "\xFF\xFF\xFF\xFF"); },
         "the file's ELF notes are damaged"},
        {"a note's value longer than the notes", [](Elf &elf) { elf.notes.replace(4, 4, "\xFF\xFF\xFF\xFF"); },
         "the file's ELF notes are damaged"},
        {"a note cut short", [](Elf &elf) { elf.segment.p_filesz -= 4; }, "the file's ELF notes are damaged"},
    }));
    CAPTURE(row.name);
    const TempFolder scratch;
    Elf elf;
    row.spoil(elf);
    CHECK_THAT(note_refusal(scratch.write("x.so", elf.bytes())), StartsWith(std::string("x.so: ") + row.sentence));
}

TEST_CASE("a foreign machine is named") {
    struct Row {
        std::uint16_t machine;
        unsigned char bits, data;
        const char *name;
    };
    const Row row = GENERATE(values<Row>({
        {EM_AARCH64, ELFCLASS64, ELFDATA2LSB, "aarch64"},
        {EM_AARCH64, ELFCLASS64, ELFDATA2MSB, "aarch64 (big-endian)"},
        {EM_386, ELFCLASS32, ELFDATA2LSB, "i386"},
        {EM_X86_64, ELFCLASS32, ELFDATA2LSB, "x32"},
        {EM_RISCV, ELFCLASS64, ELFDATA2LSB, "riscv64"},
        {EM_PPC64, ELFCLASS64, ELFDATA2LSB, "ppc64le"},
        {EM_S390, ELFCLASS64, ELFDATA2MSB, "s390x"},
        {4711, ELFCLASS64, ELFDATA2LSB, "machine 4711"},
    }));
    std::string bytes = Elf().bytes();
    bytes[EI_CLASS] = static_cast<char>(row.bits);
    bytes[EI_DATA] = static_cast<char>(row.data);
    const int low = row.data == ELFDATA2LSB ? 18 : 19;
    bytes[low] = static_cast<char>(row.machine & 0xFF);
    bytes[37 - low] = static_cast<char>(row.machine >> 8);
    const TempFolder scratch;
    const std::string said = note_refusal(scratch.write("x.so", bytes));
    if (said == "ABI 1.0") return; // this very machine
    CHECK_THAT(said, StartsWith(std::string("x.so: the file was built for ") + row.name + ", and this daemon runs on "));
}

TEST_CASE("an empty file, and a driver cut short anywhere, are refused") {
    const TempFolder scratch;
    CHECK(note_refusal(scratch.write("x.so", "")) == "x.so: the file is empty; install it again");
    CHECK(note_refusal(scratch.write("x.so", "\x7F"
                                             "ELF")) == "x.so: the file is not an ELF file; a driver is a shared object");
    const std::string whole = rsf::test::read_file(library("good_c"));
    for (std::size_t size = 20; size < whole.size(); size += 1 + size / 16)
        CHECK_THAT(note_refusal(scratch.write("x.so", whole.substr(0, size))),
                   StartsWith("x.so: the file is damaged or cut short"));
}

TEST_CASE("a driver's file with random damage is read without harm") {
    const TempFolder scratch;
    const std::string whole = rsf::test::read_file(library("good_c"));
    const std::string small = Elf(Elf::note("GNU", 3, "build id") + own).bytes();
    std::minstd_rand random(20260101); // the same damage each time
    int refused = 0;
    for (int round = 0; round < 4000; ++round) {
        std::string bytes = round % 4 == 0 ? whole : small;
        const std::size_t reach = std::min<std::size_t>(bytes.size(), 1024); // where headers and notes stand
        for (int hits = 1 + static_cast<int>(random() % 8); hits > 0; --hits) {
            const std::size_t at = random() % reach;
            bytes[at] = static_cast<char>(random() % 3 == 0 ? 0xFF : random());
        }
        const auto version = read_note(scratch.write("x.so", bytes));
        if (!version) {
            ++refused;
            CHECK_FALSE(version.error().message.empty());
        }
    }
    CHECK(refused > 1000);
    CHECK(refused < 4000);
}

} // namespace rsf::drivers::test
