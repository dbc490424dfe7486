// System calls that Swift cannot reach: variadic ones, and those whose
// structures hide behind macros. Header only.
#ifndef SLUICE_PLATFORM_H
#define SLUICE_PLATFORM_H

#include <errno.h>
#include <iconv.h>
#include <malloc.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/types.h>
#include <unistd.h>
#include <sys/wait.h>

// GNU's. Defining _GNU_SOURCE instead would give this module other structures
// than Swift's own module of the C library has.
extern int sched_getaffinity(pid_t pid, size_t bytes, void *mask);
extern int fcntl(int file, int command, ...);
extern int pipe2(int ends[2], int flags);
extern int memfd_create(const char *name, unsigned flags);
extern int syncfs(int file);
extern void *sbrk(intptr_t more);
extern int renameat2(int from, const char *path, int to, const char *target, unsigned flags);
extern ssize_t copy_file_range(int from, off_t *fromOffset, int to, off_t *toOffset, size_t count, unsigned flags);
extern int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *actions, int from);
extern int posix_spawn_file_actions_addchdir_np(
    posix_spawn_file_actions_t *restrict actions, const char *restrict path);

static inline int sluice_pipe(int ends[2], int flags) { return pipe2(ends, flags); }
/// A file in memory, closed on exec.
static inline int sluice_memory_file(const char *name) { return memfd_create(name, 1u); }
static inline int sluice_close_from(posix_spawn_file_actions_t *actions, int from) {
    return posix_spawn_file_actions_addclosefrom_np(actions, from);
}
static inline int sluice_change_folder(posix_spawn_file_actions_t *actions, const char *path) {
    return posix_spawn_file_actions_addchdir_np(actions, path);
}
/// A conversion between encodings; null where there is none.
static inline void *sluice_open_conversion(const char *to, const char *from) {
    iconv_t opened = iconv_open(to, from);
    return opened == (iconv_t)-1 ? NULL : opened;
}
static inline void sluice_close_conversion(void *conversion) { iconv_close(conversion); }
/// Converts, and says in `taken` and `given` how far it came: 0 when all is taken, 1 when there is no more room, 2 when a
/// character is not whole, 3 when the next bytes are none.
static inline int sluice_convert(
    void *conversion, const uint8_t *source, size_t count, uint8_t *target, size_t room,
    size_t *taken, size_t *given
) {
    char *from = (char *)source;
    char *to = (char *)target;
    size_t left = count;
    size_t free = room;
    size_t result = iconv(conversion, &from, &left, &to, &free);
    *taken = count - left;
    *given = room - free;
    if (result != (size_t)-1) return 0;
    return errno == E2BIG ? 1 : errno == EINVAL ? 2 : 3;
}
/// Copies inside the kernel, at the descriptors' positions; sharing blocks
/// where the file system can.
static inline long sluice_copy_range(int from, int to, unsigned long count) {
    return copy_file_range(from, 0, to, 0, count, 0);
}
/// Writes all that the file system of an open file holds in memory.
static inline int sluice_sync_file_system(int file) { return syncfs(file); }
/// Two paths change places in one step.
static inline int sluice_exchange(const char *path, const char *other) {
    return renameat2(-100, path, -100, other, 2u);
}
/// A rename that replaces nothing: EEXIST where something lies.
static inline int sluice_rename_new(const char *path, const char *target) {
    return renameat2(-100, path, -100, target, 1u);
}
/// How many processors this process may run on; 1 when it cannot be told.
static inline int sluice_allowed_processors(void) {
    unsigned char mask[1024];
    memset(mask, 0, sizeof mask);
    if (sched_getaffinity(0, sizeof mask, mask) != 0) return 1;
    int count = 0;
    for (size_t i = 0; i < sizeof mask; i++) count += __builtin_popcount(mask[i]);
    return count;
}
/// Takes, without waiting, an exclusive lock on one byte of an open file. It
/// belongs to the open file, not to the process: a second open of the same file
/// meets it, and the kernel gives it back with the last descriptor.
///
/// <fcntl.h> would define `struct stat` and `struct timespec` here, which Swift
/// then takes for this module's; so its structure is written out.
static inline int sluice_lock_byte(int file, long long offset) {
    struct { short type, whence; long start, length; int pid; } lock;
    memset(&lock, 0, sizeof lock);
    lock.type = 1 /* F_WRLCK */;
    lock.start = offset;
    lock.length = 1;
    return fcntl(file, 37 /* F_OFD_SETLK */, &lock);
}
/// POSIX_SPAWN_SETSID.
static const int sluice_spawn_set_session = 0x80;

extern char **environ;
static inline char **sluice_environment(void) { return environ; }
/// Makes the heap grow by so many bytes, and tells where it ends then.
static inline void *sluice_grow_heap(int bytes) {
    mallopt(M_TOP_PAD, bytes);
    // It grows when a piece does not fit in what is left of it, which is at most
    // two of these. (Volatile, or the compiler sees that they are not needed.)
    void *volatile pieces[3];
    for (int i = 0; i < 3; i++) pieces[i] = malloc(100000);
    for (int i = 0; i < 3; i++) free(pieces[i]);
    return sbrk(0);
}

/// Orphans among this process's descendants become its children.
static inline int sluice_become_subreaper(void) { return prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); }

/// The pid of a child that has ended and was not waited for yet; it stays so.
/// 0 when there is none, -1 when there is no child at all.
static inline int sluice_ended_child(void) {
    siginfo_t info;
    memset(&info, 0, sizeof info);
    if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) != 0) return -1;
    return info.si_pid;
}

/// What a child used: CPU seconds of it and the children it waited for, and
/// the highest resident size of one of them.
typedef struct SluiceUsage {
    double seconds;
    long peakBytes;
} SluiceUsage;

/// Waits for a child that has ended; its pid, or 0.
static inline int sluice_wait(int pid, int *status, SluiceUsage *usage) {
    struct rusage used;
    if (wait4(pid, status, WNOHANG, &used) != pid) return 0;
    usage->seconds = (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
        (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
    usage->peakBytes = used.ru_maxrss * 1024;
    return pid;
}

/// A descriptor that becomes readable when a child ends; SIGCHLD is blocked.
static inline int sluice_child_signals(void) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    if (sigprocmask(SIG_BLOCK, &set, 0) != 0) return -1;
    return signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}

/// Sets the soft limit of private writable memory and gives the one before.
static inline unsigned long sluice_swap_data_limit(unsigned long bytes) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_DATA, &limit) != 0) return bytes;
    unsigned long before = limit.rlim_cur;
    limit.rlim_cur = bytes < limit.rlim_max ? bytes : limit.rlim_max;
    setrlimit(RLIMIT_DATA, &limit);
    return before;
}

/// Catches a signal unless it was ignored from the start (nohup); 1 if caught.
static inline int sluice_catch(int number, void (*handler)(int)) {
    struct sigaction action;
    if (sigaction(number, 0, &action) != 0 || action.sa_handler == SIG_IGN) return 0;
    memset(&action, 0, sizeof action);
    action.sa_handler = handler;
    action.sa_flags = SA_RESTART;
    sigemptyset(&action.sa_mask);
    sigaddset(&action.sa_mask, SIGINT);
    sigaddset(&action.sa_mask, SIGTERM);
    sigaddset(&action.sa_mask, SIGHUP);
    return sigaction(number, &action, 0) == 0;
}

#endif
