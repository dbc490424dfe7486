// What is asked of file systems and of the kernel; nothing of it is kept or changed.
#ifndef SLUICE_PROBE_H
#define SLUICE_PROBE_H

#include <sys/ioctl.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

// GNU's; as in platform.h.
extern long syscall(long number, ...);

/// Shares a file's blocks with another (FICLONE); 0 if it worked.
static inline int sluice_clone_file(int to, int from) { return ioctl(to, 0x40049409ul, from); }

/// The version of Landlock's interface; -1 where there is none.
static inline int sluice_landlock_version(void) { return (int)syscall(444, 0, 0, 1u); }

/// What statfs tells of the file system a path lies on; type 0 if nothing.
typedef struct SluiceFileSystem {
    unsigned long type;
    unsigned long freeBytes;
} SluiceFileSystem;

static inline SluiceFileSystem sluice_file_system(const char *path) {
    struct statfs info;
    SluiceFileSystem result = {0, 0};
    if (statfs(path, &info) != 0) return result;
    result.type = (unsigned long)info.f_type;
    result.freeBytes = (unsigned long)info.f_bavail * (unsigned long)info.f_bsize;
    return result;
}

/// Bytes of an open file as its server knows them (statx, AT_STATX_FORCE_SYNC):
/// fstat may tell of a network file system what it heard seconds ago. -1 where
/// it cannot be asked.
static inline long sluice_current_size(int file) {
    // Its 256 bytes, whose header would bring structures of its own; the size
    // is at byte 40.
    unsigned long status[32];
    if (syscall(SYS_statx, file, "", 0x1000 | 0x2000, 0x200u, status) != 0) return -1;
    return (long)status[5];
}

#endif
