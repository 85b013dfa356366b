/* Preloaded into a test's child: lets writes of files called journal.db… fail from the Nth on, as it is told by a
   shared file of four ints: operations left before the fault (-1: none is due), how (0: once, 1: from then on,
   2: from then on, the first write half done), the errno, operations seen. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <unistd.h>

static volatile int *control;

__attribute__((constructor)) static void start(void) {
  int fd = open(getenv("FAULT_CONTROL"), O_RDWR);
  control = mmap(0, 16, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
}

static int concerns(int fd) {
  char link[64], path[512];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t n = readlink(link, path, sizeof path - 1);
  if (n < 0) return 0;
  path[n] = 0;
  return strstr(path, "journal.db") != 0;
}

/* 0: go on, 1: fail, 2: fail after half */
static int fault(int fd) {
  if (!concerns(fd)) return 0;
  control[3]++;
  if (control[0] < 0) return 0;
  if (control[0] > 0) return control[0]--, 0;
  int how = control[1];
  if (how == 0) control[0] = -1;
  if (how == 2) control[1] = 1;
  errno = control[2];
  return how == 2 ? 2 : 1;
}

#define REAL(name, type) ((type)dlsym(RTLD_NEXT, name))
typedef ssize_t (*pwrite_t)(int, const void *, size_t, off64_t);
typedef ssize_t (*write_t)(int, const void *, size_t);
typedef int (*sync_t)(int);
typedef int (*truncate_t)(int, off64_t);

static ssize_t faulty_pwrite(const char *name, int fd, const void *buf, size_t n, off64_t at) {
  int how = fault(fd), why = errno;
  if (how == 0) return REAL(name, pwrite_t)(fd, buf, n, at);
  if (how == 2) REAL(name, pwrite_t)(fd, buf, n / 2, at);
  errno = why;
  return -1;
}
ssize_t pwrite(int fd, const void *buf, size_t n, off_t at) { return faulty_pwrite("pwrite", fd, buf, n, at); }
ssize_t pwrite64(int fd, const void *buf, size_t n, off64_t at) { return faulty_pwrite("pwrite64", fd, buf, n, at); }
ssize_t write(int fd, const void *buf, size_t n) { return fault(fd) ? -1 : REAL("write", write_t)(fd, buf, n); }
int fsync(int fd) { return fault(fd) ? -1 : REAL("fsync", sync_t)(fd); }
int fdatasync(int fd) { return fault(fd) ? -1 : REAL("fdatasync", sync_t)(fd); }
int ftruncate(int fd, off_t n) { return fault(fd) ? -1 : REAL("ftruncate", truncate_t)(fd, n); }
int ftruncate64(int fd, off64_t n) { return fault(fd) ? -1 : REAL("ftruncate64", truncate_t)(fd, n); }
