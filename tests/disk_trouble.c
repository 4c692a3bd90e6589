/* A disk that is full, or fails: from the operation $TROUBLE_FROM on, $TROUBLE_TIMES in all, whatever puts something on
   the disk below the folder $TROUBLE_BELOW fails with $TROUBLE_ERRNO. Every such operation leaves a letter in the file
   $TROUBLE_LOG, so all the processes of a run count together. Made for LD_PRELOAD. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static long wished(const char *name) {
    const char *said = getenv(name);
    return said ? atol(said) : 0;
}

static int is_below(const char *path) {
    const char *folder = getenv("TROUBLE_BELOW");
    return path && folder && strncmp(path, folder, strlen(folder)) == 0;
}

static int fails(char kind) {
    int log = syscall(SYS_openat, AT_FDCWD, getenv("TROUBLE_LOG"), O_WRONLY | O_CREAT | O_APPEND, 0600);
    syscall(SYS_write, log, &kind, 1);
    long number = syscall(SYS_lseek, log, 0, SEEK_CUR);
    syscall(SYS_close, log);
    long from = wished("TROUBLE_FROM");
    if (from == 0 || number < from || number >= from + wished("TROUBLE_TIMES")) return 0;
    errno = wished("TROUBLE_ERRNO");
    return 1;
}

static int path_fails(char kind, const char *path) {
    char whole[PATH_MAX * 2], here[PATH_MAX];
    if (path[0] != '/' && getcwd(here, sizeof here)) {
        snprintf(whole, sizeof whole, "%s/%s", here, path);
        path = whole;
    }
    return is_below(path) && fails(kind);
}

static int file_fails(char kind, int file) {
    char link[64], path[PATH_MAX] = "";
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    return readlink(link, path, sizeof path - 1) > 0 && is_below(path) && fails(kind);
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static int makes_a_file(int flags) { return (flags & O_CREAT) || (flags & O_TMPFILE) == O_TMPFILE; }

#define OPEN(name)                                                                          \
    int name(const char *path, int flags, ...) {                                            \
        va_list more;                                                                       \
        va_start(more, flags);                                                              \
        mode_t mode = makes_a_file(flags) ? va_arg(more, mode_t) : 0;                       \
        va_end(more);                                                                       \
        if (makes_a_file(flags) && path_fails('c', path)) return -1;                        \
        return REAL(name)(path, flags, mode);                                               \
    }
OPEN(open)
OPEN(open64)

int mkdir(const char *path, mode_t mode) { return path_fails('m', path) ? -1 : REAL(mkdir)(path, mode); }
int rename(const char *from, const char *to) { return path_fails('r', to) ? -1 : REAL(rename)(from, to); }
int link(const char *from, const char *to) { return path_fails('l', to) ? -1 : REAL(link)(from, to); }
int fsync(int file) { return file_fails('s', file) ? -1 : REAL(fsync)(file); }
ssize_t write(int file, const void *from, size_t size) {
    return file_fails('w', file) ? -1 : REAL(write)(file, from, size);
}
