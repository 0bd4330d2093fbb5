// SPDX-License-Identifier: Apache-2.0
#include "drivers/trust/elf_note.hpp"

#include <resourcifier/driver.h>

#include <bit>
#include <cerrno>
#include <cstring>
#include <elf.h>
#include <link.h>
#include <optional>
#include <span>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <vector>

namespace rsf::drivers {

namespace {

constexpr std::uint64_t max_segments = 512;
constexpr std::uint64_t max_notes = 1 << 20; // bytes in one segment

#if defined(__x86_64__)
constexpr std::uint16_t own_machine = EM_X86_64;
#elif defined(__aarch64__)
constexpr std::uint16_t own_machine = EM_AARCH64;
#elif defined(__i386__)
constexpr std::uint16_t own_machine = EM_386;
#elif defined(__arm__)
constexpr std::uint16_t own_machine = EM_ARM;
#elif defined(__riscv)
constexpr std::uint16_t own_machine = EM_RISCV;
#elif defined(__powerpc64__)
constexpr std::uint16_t own_machine = EM_PPC64;
#elif defined(__s390x__)
constexpr std::uint16_t own_machine = EM_S390;
#else
#error "name this machine's e_machine here"
#endif
constexpr unsigned char own_class = sizeof(void *) == 8 ? ELFCLASS64 : ELFCLASS32;
constexpr unsigned char own_data = std::endian::native == std::endian::little ? ELFDATA2LSB : ELFDATA2MSB;

std::string machine_name(std::uint16_t machine, unsigned char bits, unsigned char data) {
    const std::string order = data == ELFDATA2MSB ? " (big-endian)" : "";
    switch (machine) {
    case EM_X86_64: return bits == ELFCLASS64 ? "x86-64" : "x32";
    case EM_AARCH64: return "aarch64" + order;
    case EM_386: return "i386";
    case EM_ARM: return "arm" + order;
    case EM_RISCV: return bits == ELFCLASS64 ? "riscv64" : "riscv32";
    case EM_PPC64: return data == ELFDATA2LSB ? "ppc64le" : "ppc64";
    case EM_S390: return "s390x";
    default: return "machine " + std::to_string(machine) + order;
    }
}

// The file's bytes, none outside of it.
class Image {
  public:
    Image(int descriptor, std::uint64_t size) : descriptor_(descriptor), size_(size) {}

    std::uint64_t size() const { return size_; }
    bool holds(std::uint64_t offset, std::uint64_t count) const { return count <= size_ && offset <= size_ - count; }

    bool read(std::uint64_t offset, std::span<char> into) const {
        if (!holds(offset, into.size())) return false;
        for (std::size_t done = 0; done < into.size();) {
            const ssize_t got = ::pread(descriptor_, into.data() + done, into.size() - done, static_cast<off_t>(offset + done));
            if (got < 0 && errno == EINTR) continue;
            if (got <= 0) return false;
            done += static_cast<std::size_t>(got);
        }
        return true;
    }

    template <class T> std::optional<T> at(std::uint64_t offset) const {
        T value;
        if (!read(offset, {reinterpret_cast<char *>(&value), sizeof value})) return std::nullopt;
        return value;
    }

  private:
    int descriptor_;
    std::uint64_t size_;
};

using Header = ElfW(Ehdr);
using Segment = ElfW(Phdr);

Error cut_short() { return invalid("the file is damaged or cut short: its ELF header points outside of it; install it again"); }

Result<Image> measure(int descriptor) {
    struct stat status {};
    if (::fstat(descriptor, &status) != 0) return invalid("the file can't be read: " + std::generic_category().message(errno));
    if (status.st_size == 0) return invalid("the file is empty; install it again");
    return Image(descriptor, static_cast<std::uint64_t>(status.st_size));
}

Result<void> check_machine(std::span<const unsigned char> start) {
    const unsigned char bits = start[EI_CLASS], data = start[EI_DATA];
    const auto machine =
        static_cast<std::uint16_t>(data == ELFDATA2MSB ? start[18] << 8 | start[19] : start[19] << 8 | start[18]);
    if (bits == own_class && data == own_data && machine == own_machine) return {};
    return unsupported("the file was built for " + machine_name(machine, bits, data) + ", and this daemon runs on " +
                       machine_name(own_machine, own_class, own_data) + "; get a build for this machine");
}

Result<Header> read_header(const Image &image) {
    unsigned char start[20] = {};
    if (!image.read(0, {reinterpret_cast<char *>(start), sizeof start}) || std::memcmp(start, ELFMAG, SELFMAG) != 0)
        return invalid("the file is not an ELF file; a driver is a shared object");
    if (auto fits = check_machine(start); !fits) return fits.error();
    const auto header = image.at<Header>(0);
    if (!header) return cut_short();
    if (header->e_type != ET_DYN) return invalid("the file is not a shared object; a driver is linked with -shared");
    return *header;
}

Result<std::vector<Segment>> read_segments(const Image &image, const Header &header) {
    if (header.e_phentsize != sizeof(Segment) || header.e_phnum == 0 || header.e_phnum > max_segments)
        return invalid("the file's ELF header describes no program segments that could be loaded");
    if (!image.holds(header.e_phoff, std::uint64_t{header.e_phnum} * sizeof(Segment))) return cut_short();
    // Section headers end a linker's output: without them the end is missing.
    if (header.e_shoff != 0 && !image.holds(header.e_shoff, std::uint64_t{header.e_shnum} * header.e_shentsize))
        return cut_short();
    std::vector<Segment> segments;
    for (std::uint64_t i = 0; i < header.e_phnum; ++i) {
        const auto segment = image.at<Segment>(header.e_phoff + i * sizeof(Segment));
        if (!segment) return cut_short();
        if (segment->p_type != PT_NULL && !image.holds(segment->p_offset, segment->p_filesz)) return cut_short();
        segments.push_back(*segment);
    }
    return segments;
}

// Walks one PT_NOTE segment (gABI, "Note Section") and adds each version found to versions.
Result<void> read_notes(std::span<const char> notes, std::uint64_t alignment, std::vector<AbiVersion> &versions) {
    const auto aligned = [alignment](std::uint64_t size) { return (size + alignment - 1) / alignment * alignment; };
    constexpr std::string_view owner(RSF_NOTE_OWNER, sizeof(RSF_NOTE_OWNER)); // its NUL counts
    std::uint64_t at = 0;
    while (notes.size() - at >= sizeof(ElfW(Nhdr))) {
        ElfW(Nhdr) note;
        std::memcpy(&note, notes.data() + at, sizeof note);
        const std::uint64_t name = at + sizeof note;
        const std::uint64_t value = aligned(name + note.n_namesz);
        const std::uint64_t end = value + note.n_descsz;
        if (end > notes.size())
            return invalid("the file's ELF notes are damaged: one is longer than its segment; install it again");
        const std::string_view named(notes.data() + name, note.n_namesz);
        if (named == owner && note.n_type == RSF_NOTE_TYPE) {
            if (note.n_descsz < 2 * sizeof(std::uint32_t))
                return invalid("the file's driver ABI note is too short to hold a version");
            AbiVersion version;
            std::memcpy(&version.major, notes.data() + value, sizeof version.major);
            std::memcpy(&version.minor, notes.data() + value + sizeof version.major, sizeof version.minor);
            versions.push_back(version);
        }
        at = std::min<std::uint64_t>(aligned(end), notes.size());
    }
    return {};
}

Result<AbiVersion> the_only(const std::vector<AbiVersion> &versions) {
    if (versions.empty())
        return invalid("the file carries no driver ABI note, so it is not a driver, or was linked without its .note.resourcifier "
                       "section; none of its code was run");
    for (const AbiVersion version : versions)
        if (version != versions.front())
            return invalid("the file carries two driver ABI notes, for " + to_string(versions.front()) + " and " +
                           to_string(version) + "; use RSF_DRIVER_ENTRY once in a driver");
    return versions.front();
}

Result<AbiVersion> read_from(int descriptor) {
    auto image = measure(descriptor);
    if (!image) return image.error();
    auto header = read_header(*image);
    if (!header) return header.error();
    auto segments = read_segments(*image, *header);
    if (!segments) return segments.error();
    std::vector<AbiVersion> versions;
    for (const Segment &segment : *segments) {
        if (segment.p_type != PT_NOTE) continue;
        if (segment.p_filesz > max_notes) return invalid("the file's ELF notes are larger than any linker makes them");
        std::vector<char> notes(segment.p_filesz);
        if (!image->read(segment.p_offset, notes)) return cut_short();
        if (auto read = read_notes(notes, segment.p_align == 8 ? 8 : 4, versions); !read) return read.error();
    }
    return the_only(versions);
}

} // namespace

std::string to_string(AbiVersion version) { return std::to_string(version.major) + "." + std::to_string(version.minor); }

Result<AbiVersion> read_abi_note(int descriptor, const std::filesystem::path &file) {
    auto version = read_from(descriptor);
    if (version) return version;
    Error error = version.error();
    error.place.file = file.native();
    return error;
}

} // namespace rsf::drivers
