/*
 * Preloaded into a broker: writes to segments are cut short, and one flush fails with EIO when it
 * is asked for. WEIR_FAULTS names a directory; in it
 *   fsync   holds a part of a path: the next flush of such a file is not done and fails, once
 *   log     gets a line for the flush that failed and for each later one of that file
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

static char failed[PATH_MAX];

static int path_of(int fd, char *path) {
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, PATH_MAX - 1);
  if (length < 0) return 0;
  path[length] = 0;
  return 1;
}

static int is_segment(int fd) {
  char path[PATH_MAX];
  if (!path_of(fd, path)) return 0;
  size_t length = strlen(path);
  return length > 4 && strcmp(path + length - 4, ".log") == 0;
}

static void note(const char *what, const char *path) {
  char log[PATH_MAX];
  snprintf(log, sizeof log, "%s/log", getenv("WEIR_FAULTS"));
  FILE *file = fopen(log, "a");
  if (file) {
    fprintf(file, "%s %s\n", what, path);
    fclose(file);
  }
}

static int fails(int fd) {
  char path[PATH_MAX], control[PATH_MAX], wanted[PATH_MAX] = "";
  const char *faults = getenv("WEIR_FAULTS");
  if (!faults || !path_of(fd, path)) return 0;
  if (failed[0] && strcmp(failed, path) == 0) note("again", path);
  snprintf(control, sizeof control, "%s/fsync", faults);
  FILE *file = fopen(control, "r");
  if (!file) return 0;
  int read = fscanf(file, "%4000s", wanted);
  fclose(file);
  if (read != 1 || !strstr(path, wanted) || unlink(control) != 0) return 0;
  strcpy(failed, path);
  note("failed", path);
  errno = EIO;
  return 1;
}

static size_t shorter(int fd, size_t length) {
  return length > 64 && is_segment(fd) ? length / 2 + 1 : length;
}

int fsync(int fd) {
  static int (*real)(int);
  if (!real) real = dlsym(RTLD_NEXT, "fsync");
  return fails(fd) ? -1 : real(fd);
}

int fdatasync(int fd) {
  static int (*real)(int);
  if (!real) real = dlsym(RTLD_NEXT, "fdatasync");
  return fails(fd) ? -1 : real(fd);
}

ssize_t write(int fd, const void *bytes, size_t length) {
  static ssize_t (*real)(int, const void *, size_t);
  if (!real) real = dlsym(RTLD_NEXT, "write");
  return real(fd, bytes, shorter(fd, length));
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t at) {
  static ssize_t (*real)(int, const void *, size_t, off64_t);
  if (!real) real = dlsym(RTLD_NEXT, "pwrite64");
  return real(fd, bytes, shorter(fd, length), at);
}

ssize_t writev(int fd, const struct iovec *parts, int count) {
  static ssize_t (*real)(int, const struct iovec *, int);
  if (!real) real = dlsym(RTLD_NEXT, "writev");
  if (!is_segment(fd)) return real(fd, parts, count);
  /* some of the first part that has anything */
  for (int i = 0; i < count; i++) {
    if (parts[i].iov_len > 0) return write(fd, parts[i].iov_base, parts[i].iov_len);
  }
  return 0;
}
