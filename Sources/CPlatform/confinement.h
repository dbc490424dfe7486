// Starting a process that sees less than its starter: read-only binds in a
// mount namespace of its own, and Landlock. Between fork and exec nothing is
// called but the system. Sources: landlock(7), mount_namespaces(7),
// user_namespaces(7).
#ifndef SLUICE_CONFINEMENT_H
#define SLUICE_CONFINEMENT_H

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

// As in platform.h: not <fcntl.h>, and GNU's by hand.
extern int open(const char *path, int flags, ...);
extern int fcntl(int file, int command, ...);
extern int pipe2(int ends[2], int flags);
extern int mount(const char *source, const char *target, const char *type, unsigned long flags, const void *data);
extern int unshare(int flags);
extern long syscall(long number, ...);

enum {
    sluice_open_path = 010000000 | 02000000,          // O_PATH | O_CLOEXEC
    sluice_open_path_itself = 010000000 | 02000000 | 0400000, // and O_NOFOLLOW
    sluice_duplicate = 1030,                          // F_DUPFD_CLOEXEC
    sluice_first_private = 10,                        // above what a stage may be given
};

// MARK: Landlock

static const unsigned long long sluice_may_read = 1ull << 2;   // LANDLOCK_ACCESS_FS_READ_FILE
static const unsigned long long sluice_may_move = 1ull << 13;  // LANDLOCK_ACCESS_FS_REFER

/// An empty set of rules on reading files; -1 where there is no Landlock, or
/// its first version, which forbids every move between folders.
static inline int sluice_make_rules(void) {
    if (syscall(444, 0, 0, 1u) < 2) return -1;
    unsigned long long handled = sluice_may_read | sluice_may_move;
    int rules = (int)syscall(444, &handled, sizeof handled, 0u);
    if (rules < 0 || rules >= sluice_first_private) return rules;
    int moved = fcntl(rules, sluice_duplicate, sluice_first_private);
    close(rules);
    return moved;
}

/// Allows something of the file or folder at `path` and all below it.
/// - Returns: 0, or the error's number.
static inline int sluice_allow(int rules, const char *path, int followsLinks, unsigned long long what) {
    struct __attribute__((packed)) { unsigned long long access; int parent; } rule;
    rule.access = what;
    rule.parent = open(path, followsLinks ? sluice_open_path : sluice_open_path_itself);
    if (rule.parent < 0) return errno;
    int problem = syscall(445, rules, 1, &rule, 0u) == 0 ? 0 : errno;
    close(rule.parent);
    return problem;
}

// MARK: The start

/// A file that is seen at `target`, where another lies, and cannot be written.
typedef struct SluiceBind {
    const char *source;
    const char *target;
} SluiceBind;

/// What is to be started, and how.
typedef struct SluiceStart {
    const char *program;
    char *const *arguments;
    char *const *environment;
    const char *folder;
    int output;
    /// What becomes descriptor 3, or -1.
    int report;
    /// Made by `sluice_make_rules`, or -1.
    int rules;
    const SluiceBind *binds;
    int bindCount;
    /// One line each, that keep this process's ids in a user namespace.
    const char *userMap;
    const char *groupMap;
} SluiceStart;

/// Where a start came to nothing: the number of a bind, or one of these.
enum { sluice_at_program = -1, sluice_at_folder = -2, sluice_at_namespace = -3, sluice_at_descriptors = -4 };

typedef struct SluiceObstacle {
    int error;
    int place;
} SluiceObstacle;

static inline int sluice_write_text(const char *path, const char *text) {
    int file = open(path, 1 /* O_WRONLY */ | 02000000);
    if (file < 0) return -1;
    ssize_t count = write(file, text, strlen(text));
    close(file);
    return count < 0 ? -1 : 0;
}

/// A mount namespace of one's own, in a user namespace where that is needed.
static inline int sluice_enter_namespace(const char *userMap, const char *groupMap) {
    if (unshare(0x00020000 /* CLONE_NEWNS */) != 0) {
        if (unshare(0x10000000 /* CLONE_NEWUSER */ | 0x00020000) != 0) return -1;
        // A group map of one's own making needs this first.
        sluice_write_text("/proc/self/setgroups", "deny");
        if (sluice_write_text("/proc/self/uid_map", userMap) != 0) return -1;
        if (sluice_write_text("/proc/self/gid_map", groupMap) != 0) return -1;
    }
    // What the system mounts later is seen, what is mounted here stays here.
    return mount("none", "/", 0, 0x4000 /* MS_REC */ | (1 << 19) /* MS_SLAVE */, 0);
}

static inline int sluice_bind_read_only(const char *source, const char *target) {
    if (mount(source, target, 0, 4096 /* MS_BIND */, 0) != 0) return -1;
    struct statfs info;
    if (statfs(target, &info) != 0) return -1;
    // In a user namespace these cannot be taken away and must be said again.
    unsigned long kept = (unsigned long)info.f_flags & (2 | 4 | 8 | 1024 | 2048);
    if ((unsigned long)info.f_flags & 4096) kept |= 1ul << 21; // relatime
    return mount("none", target, 0, 4096 | 32 /* MS_REMOUNT */ | 1 /* MS_RDONLY */ | kept, 0);
}

/// Lays rules on this process. Where the kernel refuses, it goes on without.
static inline void sluice_obey(int rules) {
    if (syscall(446, rules, 0u) == 0 || errno != EPERM) return;
    // Without the right to do so only one who gives up setuid programs may.
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0) syscall(446, rules, 0u);
}

/// In the child: all that `posix_spawn` would do, and the confinement.
/// - Returns: Only what failed.
static inline SluiceObstacle sluice_become(const SluiceStart *start) {
    SluiceObstacle obstacle = {0, sluice_at_descriptors};
    setpgid(0, 0);
    // The kernel's own form, all zero: the default, also of the two signals
    // that the C library keeps for itself.
    unsigned long action[4] = {0, 0, 0, 0};
    for (int number = 1; number < 65; number++) syscall(SYS_rt_sigaction, number, action, 0, 8ul);

    int null = open("/dev/null", 0);
    if (null < 0 || (null != 0 && dup2(null, 0) < 0)) goto failed;
    // `output` may itself be 3, so it is copied first.
    if (dup2(start->output, 1) < 0 || dup2(start->output, 2) < 0) goto failed;
    if (start->report == 3) fcntl(3, 2 /* F_SETFD */, 0);
    else if (start->report >= 0 && dup2(start->report, 3) < 0) goto failed;
    int from = start->report >= 0 ? 4 : 3;
    // Closed on exec, since the way back to the starter is among them.
    if (syscall(436, from, ~0u, 4u /* CLOSE_RANGE_CLOEXEC */) != 0)
        for (int file = from; file < 4096; file++) fcntl(file, 2, 1 /* FD_CLOEXEC */);

    if (start->bindCount > 0) {
        obstacle.place = sluice_at_namespace;
        if (sluice_enter_namespace(start->userMap, start->groupMap) != 0) goto failed;
        for (obstacle.place = 0; obstacle.place < start->bindCount; obstacle.place++) {
            const SluiceBind *bind = start->binds + obstacle.place;
            if (sluice_bind_read_only(bind->source, bind->target) != 0) goto failed;
        }
    }
    obstacle.place = sluice_at_folder;
    if (chdir(start->folder) != 0) goto failed;
    if (start->rules >= 0) sluice_obey(start->rules);

    obstacle.place = sluice_at_program;
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, 0);
    execve(start->program, start->arguments, start->environment);
failed:
    obstacle.error = errno;
    return obstacle;
}

/// Starts a process; called by a process of one thread.
///
/// Without binds the child borrows this one's memory, as `posix_spawn` has it;
/// a user namespace needs memory of its own.
///
/// - Returns: Its pid, or -1 with `obstacle` filled in.
static __attribute__((noinline)) pid_t sluice_start(const SluiceStart *start, SluiceObstacle *obstacle) {
    obstacle->error = 0;
    obstacle->place = sluice_at_descriptors;
    int ends[2];
    if (pipe2(ends, 02000000) != 0) {
        obstacle->error = errno;
        return -1;
    }
    // Out of the way of the descriptors that the child puts in place.
    int back = fcntl(ends[1], sluice_duplicate, sluice_first_private);
    close(ends[1]);
    sigset_t all, before;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &before);
    pid_t pid = back < 0 ? -1 : start->bindCount > 0 ? fork() : vfork();
    if (pid == 0) {
        SluiceObstacle found = sluice_become(start);
        ssize_t count = write(back, &found, sizeof found);
        _exit(count < 0 ? 126 : 127);
    }
    int problem = errno;
    sigprocmask(SIG_SETMASK, &before, 0);
    if (back >= 0) close(back);
    if (pid < 0) {
        obstacle->error = problem;
    } else {
        ssize_t count;
        do count = read(ends[0], obstacle, sizeof *obstacle);
        while (count < 0 && errno == EINTR);
        if (count == (ssize_t)sizeof *obstacle) {
            while (waitpid(pid, 0, 0) < 0 && errno == EINTR) {}
            pid = -1;
        }
    }
    close(ends[0]);
    return pid;
}

/// Whether `folder` can be bound read-only in a namespace (tried in a child).
static inline int sluice_can_bind(const char *folder, const char *userMap, const char *groupMap) {
    pid_t child = fork();
    if (child == 0)
        _exit(sluice_enter_namespace(userMap, groupMap) == 0 && sluice_bind_read_only(folder, folder) == 0 ? 0 : 1);
    int status = 1;
    if (child < 0) return 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {}
    return status == 0;
}

#endif
