// What `doctor` asks the system; nothing of it is kept or changed.
#ifndef SLUICE_PROBE_H
#define SLUICE_PROBE_H

#include <sys/ioctl.h>
#include <sys/statfs.h>
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

#endif
