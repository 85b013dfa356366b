/*
 * For LD_PRELOAD: a GPIO chip /dev/gpiochip0 with lines 0 to 7 and an SPI device /dev/spidev0.0, with the kernel's own
 * structures. A line is files in the folder MUSTER_GPIO: `4` holds its level, `4.flags` what it was requested with, and
 * what is written to the pipe `4.edges`, a byte 0 or 1 each, are its edges. SPI sends back each byte plus one, then the
 * mode's bits and the clock in MHz as the last two.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/gpio.h>
#include <linux/spi/spidev.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define FDS 1024
#define LINES 8
static enum { NOBODYS, CHIP, LINE, SPI } kind[FDS];
static unsigned line_of[FDS];
static uint32_t sequence[LINES];
static uint8_t spi_mode;

/* Node closes files without asking the C library: what a number means is looked at anew. */
static int is(int fd, int wanted) {
  struct stat now;
  if (fd < 0 || fd >= FDS || kind[fd] != wanted) return 0;
  return fstat(fd, &now) == 0 && (wanted == LINE ? S_ISFIFO(now.st_mode) : S_ISREG(now.st_mode));
}

static void path_of(char *path, unsigned line, const char *what) {
  const char *folder = getenv("MUSTER_GPIO");
  snprintf(path, 512, "%s/%u%s", folder ? folder : "", line, what);
}

static void keep(unsigned line, const char *what, unsigned long value) {
  char path[512], text[32];
  path_of(path, line, what);
  int n = snprintf(text, sizeof text, "%lu", value);
  int fd = syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
  if (fd < 0) return;
  syscall(SYS_write, fd, text, n);
  syscall(SYS_close, fd);
}

static int level(unsigned line) {
  char path[512], text = '0';
  path_of(path, line, "");
  int fd = syscall(SYS_openat, AT_FDCWD, path, O_RDONLY, 0);
  if (fd < 0) return 0;
  syscall(SYS_read, fd, &text, 1);
  syscall(SYS_close, fd);
  return text == '1';
}

static int get_line(struct gpio_v2_line_request *request) {
  char path[512];
  unsigned line = request->offsets[0];
  if (request->num_lines != 1 || line >= LINES) return errno = EINVAL, -1;
  path_of(path, line, ".edges");
  mkfifo(path, 0644);
  int fd = syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CLOEXEC, 0);
  if (fd < 0) return -1;
  /* held until its last file is closed, as a line is */
  if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
    syscall(SYS_close, fd);
    return errno = EBUSY, -1;
  }
  kind[fd] = LINE;
  line_of[fd] = line;
  sequence[line] = 0;
  keep(line, ".flags", request->config.flags);
  const struct gpio_v2_line_config *config = &request->config;
  if (config->flags & GPIO_V2_LINE_FLAG_OUTPUT && config->num_attrs == 1 && config->attrs[0].mask & 1 &&
      config->attrs[0].attr.id == GPIO_V2_LINE_ATTR_ID_OUTPUT_VALUES)
    keep(line, "", config->attrs[0].attr.values & 1);
  request->fd = fd;
  return 0;
}

#define REAL(type, name, ...) \
  static type (*real)(__VA_ARGS__); \
  if (!real) real = dlsym(RTLD_NEXT, #name)

#define OPEN(name) \
  int name(const char *path, int flags, ...) { \
    va_list rest; \
    va_start(rest, flags); \
    mode_t mode = va_arg(rest, mode_t); \
    va_end(rest); \
    int is_chip = strcmp(path, "/dev/gpiochip0") == 0, is_spi = strcmp(path, "/dev/spidev0.0") == 0; \
    if (is_chip || is_spi) { \
      int fd = memfd_create("chip", MFD_CLOEXEC); \
      kind[fd] = is_chip ? CHIP : SPI; \
      return fd; \
    } \
    REAL(int, name, const char *, int, ...); \
    return real(path, flags, mode); \
  }
OPEN(open)
OPEN(open64)

ssize_t read(int fd, void *into, size_t n) {
  REAL(ssize_t, read, int, void *, size_t);
  if (!is(fd, LINE)) return real(fd, into, n);
  uint8_t bytes[64];
  struct gpio_v2_line_event *events = into;
  size_t most = n / sizeof *events;
  ssize_t got = real(fd, bytes, most < sizeof bytes ? most : sizeof bytes);
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  for (ssize_t i = 0; i < got; i++)
    events[i] = (struct gpio_v2_line_event){
        .timestamp_ns = (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec,
        .id = bytes[i] ? GPIO_V2_LINE_EVENT_RISING_EDGE : GPIO_V2_LINE_EVENT_FALLING_EDGE,
        .offset = line_of[fd],
        .seqno = ++sequence[line_of[fd]],
        .line_seqno = sequence[line_of[fd]],
    };
  return got < 0 ? got : got * (ssize_t)sizeof *events;
}

static int transfer(struct spi_ioc_transfer *message) {
  uint8_t *in = (uint8_t *)(uintptr_t)message->rx_buf;
  const uint8_t *out = (const uint8_t *)(uintptr_t)message->tx_buf;
  for (uint32_t i = 0; i < message->len; i++) in[i] = out[i] + 1;
  if (message->len >= 2) {
    in[message->len - 2] = spi_mode;
    in[message->len - 1] = message->speed_hz / 1000000;
  }
  return (int)message->len;
}

int ioctl(int fd, unsigned long request, ...) {
  va_list rest;
  va_start(rest, request);
  void *argument = va_arg(rest, void *);
  va_end(rest);
  struct gpio_v2_line_values *values = argument;
  if (is(fd, CHIP) || is(fd, LINE) || is(fd, SPI)) switch (request) {
      case GPIO_V2_GET_LINE_IOCTL:
        return get_line(argument);
      case GPIO_V2_LINE_GET_VALUES_IOCTL:
        values->bits = level(line_of[fd]);
        return 0;
      case GPIO_V2_LINE_SET_VALUES_IOCTL:
        keep(line_of[fd], "", values->bits & 1);
        return 0;
      case SPI_IOC_WR_MODE:
        spi_mode = *(uint8_t *)argument;
        return 0;
      case SPI_IOC_MESSAGE(1):
        return transfer(argument);
      default:
        return errno = ENOTTY, -1;
    }
  REAL(int, ioctl, int, unsigned long, ...);
  return real(fd, request, argument);
}
