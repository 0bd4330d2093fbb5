// SPDX-License-Identifier: Apache-2.0
//
// Tries what a confined process must not, and must be able to do, and prints what became of each: "NAME ERROR", or "NAME done".
#include <fcntl.h>
#include <linux/audit.h>
#include <sched.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>
#include <thread>

extern char **environ;

namespace {

void tell(const char *name, long result) {
    std::printf("%s %s\n", name, result >= 0 ? "done" : strerrorname_np(errno));
    std::fflush(stdout);
}

long mapped(void *address) { return address == MAP_FAILED ? -1 : 0; }

// Makes a program of folder's own and runs it.
long run_from(const std::string &folder) {
    const std::string copy = folder + "/true";
    const int in = ::open("/bin/true", O_RDONLY), out = ::open(copy.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0700);
    if (in < 0 || out < 0 || ::copy_file_range(in, nullptr, out, nullptr, 1 << 24, 0) <= 0) {
        char bytes[65536];
        for (ssize_t size; out >= 0 && (size = ::read(in, bytes, sizeof bytes)) > 0;)
            if (::write(out, bytes, static_cast<std::size_t>(size)) != size) return -1;
    }
    ::close(in);
    ::close(out);
    char *arguments[] = {const_cast<char *>(copy.c_str()), nullptr};
    pid_t pid = -1;
    const int failed = ::posix_spawn(&pid, copy.c_str(), nullptr, nullptr, arguments, environ);
    ::unlink(copy.c_str());
    if (failed == 0) ::waitpid(pid, nullptr, 0);
    errno = failed;
    return failed == 0 ? 0 : -1;
}

long start_program() {
    char name[] = "true";
    char *arguments[] = {name, nullptr};
    pid_t pid = -1;
    errno = ::posix_spawn(&pid, "/bin/true", nullptr, nullptr, arguments, environ);
    return errno == 0 && ::waitpid(pid, nullptr, 0) == pid ? 0 : -1;
}

void try_what_is_refused() {
    constexpr std::size_t page = 4096;
    void *const memory = ::mmap(nullptr, page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    tell("memory-to-write-and-execute",
         mapped(::mmap(nullptr, page, PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)));
    tell("memory-made-executable", ::mprotect(memory, page, PROT_READ | PROT_EXEC));
    tell("new-user-namespace", ::unshare(CLONE_NEWUSER));
    tell("new-mount-namespace", ::unshare(CLONE_NEWNS));
    tell("mount", ::mount("none", "/tmp", "tmpfs", 0, nullptr));
    tell("become-root", ::setuid(0));
    tell("become-root-by-all-three", ::setresuid(0, 0, 0));
    tell("chown", ::chown("/tmp", 0, 0));
    tell("netlink-socket", ::socket(AF_NETLINK, SOCK_RAW, 0));
    tell("packet-socket", ::socket(AF_PACKET, SOCK_RAW, 0));
    tell("vsock-socket", ::socket(AF_VSOCK, SOCK_STREAM, 0));
    tell("personality", ::personality(PER_LINUX32));
    tell("ptrace", ::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr));
    const sched_param realtime{1};
    tell("realtime", ::sched_setscheduler(0, SCHED_FIFO, &realtime));
    tell("io-uring", ::syscall(SYS_io_uring_setup, 1, nullptr));
    tell("bpf", ::syscall(SYS_bpf, 0, nullptr, 0));
    tell("keyring", ::syscall(SYS_keyctl, 0, 0, 0));
    tell("clone3", ::syscall(SYS_clone3, nullptr, 0));
    const rlimit core{1 << 20, 1 << 20};
    tell("core-dumps", ::setrlimit(RLIMIT_CORE, &core));
}

void try_what_is_allowed() {
    int pair[2];
    tell("socketpair", ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair));
    tell("unix-socket", ::socket(AF_UNIX, SOCK_STREAM, 0));
    tell("ipv4-socket", ::socket(AF_INET, SOCK_STREAM, 0));
    tell("ipv6-socket", ::socket(AF_INET6, SOCK_STREAM, 0));
    tell("memfd", ::memfd_create("x", MFD_CLOEXEC | MFD_ALLOW_SEALING));
    tell("end-with-the-parent", ::prctl(PR_SET_PDEATHSIG, SIGKILL));
    tell("pidfd", ::syscall(SYS_pidfd_open, ::getpid(), 0));
    tell("program", start_program());
    std::thread([] { tell("thread", 0); }).join();
    const rlimit memory{1u << 30, 1u << 30};
    tell("memory-limit", ::setrlimit(RLIMIT_DATA, &memory));
}

// folder: where it may write.
void try_files(const std::string &folder, bool has_view) {
    const std::string file = folder + "/file";
    tell("write-to-the-state", ::open(file.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0666));
    struct stat made {};
    const bool is_private = ::stat(file.c_str(), &made) == 0 && (made.st_mode & 077) == 0;
    std::printf("files-are-private %s\n", is_private ? "done" : "no");
    tell("setuid-program", ::chmod(file.c_str(), 04755));
    ::unlink(file.c_str());
    if (!has_view) return;
    tell("program-of-the-state", run_from(folder));
    tell("program-in-tmp", run_from("/tmp"));
    tell("write-to-etc", ::open("/etc/resourcifier-probe", O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    tell("look-into-root", ::open("/root", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

} // namespace

int main(int, char **argv) {
    try_files(argv[1], argv[2] != nullptr);
    try_what_is_allowed();
    try_what_is_refused();
}
