/*
 * What Node has no call for: GPIO lines (kernel: include/uapi/linux/gpio.h, version 2), waiting until files have
 * something to read, SPI transfers (include/uapi/linux/spi/spidev.h), and serial ports (termios(3), flock(2)).
 * Structures are the kernel headers' own, so that no layout is written down twice. Functions answer what they made, or a
 * negative errno; wrong arguments throw.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/gpio.h>
#include <linux/spi/spidev.h>
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <node_api.h>

#define MOST_FILES 64

static int numbers(napi_env env, napi_callback_info info, size_t n, int64_t *into) {
  napi_value values[8];
  size_t given = n;
  napi_get_cb_info(env, info, &given, values, NULL, NULL);
  for (size_t i = 0; i < n; i++)
    if (i >= given || napi_get_value_int64(env, values[i], &into[i]) != napi_ok) {
      napi_throw_type_error(env, NULL, "not a number");
      return 0;
    }
  return 1;
}

static napi_value answer(napi_env env, int number) {
  napi_value value;
  napi_create_int32(env, number, &value);
  return value;
}

/* requestLine(chip, line, flags, level): a line's own file. `level`: what an output shows from the first moment. */
static napi_value request_line(napi_env env, napi_callback_info info) {
  int64_t n[4];
  if (!numbers(env, info, 4, n)) return NULL;
  struct gpio_v2_line_request request = {.num_lines = 1, .offsets = {(uint32_t)n[1]}, .consumer = "muster"};
  request.config.flags = (uint64_t)n[2];
  request.event_buffer_size = 1024; /* the most the kernel gives */
  if (request.config.flags & GPIO_V2_LINE_FLAG_OUTPUT) {
    request.config.num_attrs = 1;
    request.config.attrs[0].mask = 1;
    request.config.attrs[0].attr.id = GPIO_V2_LINE_ATTR_ID_OUTPUT_VALUES;
    request.config.attrs[0].attr.values = n[3] ? 1 : 0;
  }
  if (ioctl((int)n[0], GPIO_V2_GET_LINE_IOCTL, &request) < 0) return answer(env, -errno);
  return answer(env, request.fd);
}

/* getLevel(line): 0 or 1. */
static napi_value get_level(napi_env env, napi_callback_info info) {
  int64_t n[1];
  if (!numbers(env, info, 1, n)) return NULL;
  struct gpio_v2_line_values values = {.mask = 1};
  if (ioctl((int)n[0], GPIO_V2_LINE_GET_VALUES_IOCTL, &values) < 0) return answer(env, -errno);
  return answer(env, (int)(values.bits & 1));
}

/* setLevel(line, level): 0. */
static napi_value set_level(napi_env env, napi_callback_info info) {
  int64_t n[2];
  if (!numbers(env, info, 2, n)) return NULL;
  struct gpio_v2_line_values values = {.mask = 1, .bits = n[1] ? 1 : 0};
  return answer(env, ioctl((int)n[0], GPIO_V2_LINE_SET_VALUES_IOCTL, &values) < 0 ? -errno : 0);
}

/* readEdges(line, times, levels, sequences): how many there were, without waiting for any. ms, monotonic. */
static napi_value read_edges(napi_env env, napi_callback_info info) {
  napi_value values[4];
  size_t given = 4, room[3];
  int32_t line;
  void *into[3];
  napi_typedarray_type type[3];
  napi_get_cb_info(env, info, &given, values, NULL, NULL);
  int good = given == 4 && napi_get_value_int32(env, values[0], &line) == napi_ok;
  for (int i = 0; good && i < 3; i++)
    good = napi_get_typedarray_info(env, values[i + 1], &type[i], &room[i], &into[i], NULL, NULL) == napi_ok &&
           type[i] == napi_float64_array && room[i] >= MOST_FILES;
  if (!good) {
    napi_throw_type_error(env, NULL, "a line and three Float64Arrays of 64 or more");
    return NULL;
  }
  struct pollfd file = {.fd = line, .events = POLLIN};
  if (poll(&file, 1, 0) < 1) return answer(env, 0);
  struct gpio_v2_line_event events[MOST_FILES];
  ssize_t bytes = read(line, events, sizeof events);
  if (bytes < 0) return answer(env, -errno);
  int n = (int)(bytes / (ssize_t)sizeof events[0]);
  for (int i = 0; i < n; i++) {
    ((double *)into[0])[i] = (double)events[i].timestamp_ns / 1e6;
    ((double *)into[1])[i] = events[i].id == GPIO_V2_LINE_EVENT_RISING_EDGE;
    ((double *)into[2])[i] = events[i].line_seqno;
  }
  return answer(env, n);
}

struct wait {
  napi_async_work work;
  napi_deferred promise;
  int n, timeout;
  struct pollfd files[MOST_FILES];
};

static void wait_run(napi_env env, void *data) {
  (void)env;
  struct wait *wait = data;
  poll(wait->files, (nfds_t)wait->n, wait->timeout);
}

static void wait_done(napi_env env, napi_status status, void *data) {
  (void)status;
  struct wait *wait = data;
  napi_value list, number;
  napi_create_array(env, &list);
  for (int i = 0, at = 0; i < wait->n; i++)
    if (wait->files[i].revents != 0) {
      napi_create_int32(env, wait->files[i].fd, &number);
      napi_set_element(env, list, (uint32_t)at++, number);
    }
  napi_resolve_deferred(env, wait->promise, list);
  napi_delete_async_work(env, wait->work);
  free(wait);
}

/* waitForInput(files, ms): a promise of those that have something to read, or are gone; waits on the thread pool. */
static napi_value wait_for_input(napi_env env, napi_callback_info info) {
  napi_value values[2], promise, name;
  size_t given = 2, n;
  int32_t timeout;
  void *files;
  napi_typedarray_type type;
  napi_get_cb_info(env, info, &given, values, NULL, NULL);
  if (given < 2 || napi_get_typedarray_info(env, values[0], &type, &n, &files, NULL, NULL) != napi_ok ||
      type != napi_int32_array || n > MOST_FILES || napi_get_value_int32(env, values[1], &timeout) != napi_ok) {
    napi_throw_type_error(env, NULL, "an Int32Array of at most 64 files, and ms");
    return NULL;
  }
  struct wait *wait = calloc(1, sizeof *wait);
  if (wait == NULL) {
    napi_throw_error(env, NULL, "no memory");
    return NULL;
  }
  wait->n = (int)n;
  wait->timeout = timeout;
  for (size_t i = 0; i < n; i++) wait->files[i] = (struct pollfd){.fd = ((int32_t *)files)[i], .events = POLLIN};
  napi_create_promise(env, &wait->promise, &promise);
  napi_create_string_utf8(env, "input", NAPI_AUTO_LENGTH, &name);
  napi_create_async_work(env, NULL, name, wait_run, wait_done, wait, &wait->work);
  napi_queue_async_work(env, wait->work);
  return promise;
}

/* spiTransfer(file, mode, hz, bytes): 0; what came in is in `bytes` then. */
static napi_value spi_transfer(napi_env env, napi_callback_info info) {
  napi_value values[4];
  size_t given = 4, n;
  int32_t file, mode;
  uint32_t hz;
  void *bytes;
  napi_typedarray_type type;
  napi_get_cb_info(env, info, &given, values, NULL, NULL);
  if (given < 4 || napi_get_value_int32(env, values[0], &file) != napi_ok ||
      napi_get_value_int32(env, values[1], &mode) != napi_ok || napi_get_value_uint32(env, values[2], &hz) != napi_ok ||
      napi_get_typedarray_info(env, values[3], &type, &n, &bytes, NULL, NULL) != napi_ok || type != napi_uint8_array ||
      n > 4096) {
    napi_throw_type_error(env, NULL, "a file, a mode, Hz and a Uint8Array of at most 4096");
    return NULL;
  }
  uint8_t spi_mode = (uint8_t)mode;
  if (ioctl(file, SPI_IOC_WR_MODE, &spi_mode) < 0) return answer(env, -errno);
  struct spi_ioc_transfer transfer = {
      .tx_buf = (uintptr_t)bytes, .rx_buf = (uintptr_t)bytes, .len = (uint32_t)n, .speed_hz = hz, .bits_per_word = 8};
  return answer(env, ioctl(file, SPI_IOC_MESSAGE(1), &transfer) < 0 ? -errno : 0);
}

static const struct {
  int64_t baud;
  speed_t speed;
} SPEEDS[] = {
    {1200, B1200},     {2400, B2400},     {4800, B4800},     {9600, B9600},     {19200, B19200},
    {38400, B38400},   {57600, B57600},   {115200, B115200}, {230400, B230400}, {460800, B460800},
    {921600, B921600},
};

/* Raw bytes; bytes of a wrong parity are left out. Status lines are not heeded, and stay as they are on closing. */
static int set_up(int file, int64_t baud, int64_t bits, int64_t parity, int64_t stops) {
  struct termios wanted, got;
  speed_t speed = B0;
  for (size_t i = 0; i < sizeof SPEEDS / sizeof SPEEDS[0]; i++)
    if (SPEEDS[i].baud == baud) speed = SPEEDS[i].speed;
  if (speed == B0 || bits < 7 || bits > 8) return -EINVAL;
  if (tcgetattr(file, &wanted) < 0) return -errno;
  cfmakeraw(&wanted);
  wanted.c_iflag = IGNBRK | (parity ? INPCK | IGNPAR : 0);
  wanted.c_cflag &= ~(tcflag_t)(CSIZE | PARENB | PARODD | CSTOPB | CRTSCTS | HUPCL);
  wanted.c_cflag |= CLOCAL | CREAD | (bits == 8 ? CS8 : CS7) | (parity ? PARENB : 0) | (parity == 2 ? PARODD : 0) |
                    (stops == 2 ? CSTOPB : 0);
  wanted.c_cc[VMIN] = 1;
  wanted.c_cc[VTIME] = 0;
  cfsetispeed(&wanted, speed);
  cfsetospeed(&wanted, speed);
  if (tcsetattr(file, TCSANOW, &wanted) < 0 || tcgetattr(file, &got) < 0) return -errno;
  /* it has succeeded where any of the wishes came true; a pseudo terminal has no parity and says so */
  return cfgetospeed(&got) == speed ? 0 : -EINVAL;
}

/* openSerial(path, baud, bits, parity, stops): its file, without waiting for anybody. `parity`: 0 none, 1 even, 2 odd. */
static napi_value open_serial(napi_env env, napi_callback_info info) {
  napi_value values[5];
  size_t given = 5, length;
  int64_t n[4];
  char path[256];
  napi_get_cb_info(env, info, &given, values, NULL, NULL);
  int good = given == 5 && napi_get_value_string_utf8(env, values[0], path, sizeof path, &length) == napi_ok;
  for (int i = 0; good && i < 4; i++) good = napi_get_value_int64(env, values[i + 1], &n[i]) == napi_ok;
  if (!good) {
    napi_throw_type_error(env, NULL, "a path and four numbers");
    return NULL;
  }
  int file = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
  if (file < 0) return answer(env, -errno);
  int failed = set_up(file, n[0], n[1], n[2], n[3]);
  if (failed == 0) return answer(env, file);
  close(file);
  return answer(env, failed);
}

/* lockFile(file, lock): 0; -EWOULDBLOCK where another process has it. The kernel frees it when that one ends. */
static napi_value lock_file(napi_env env, napi_callback_info info) {
  int64_t n[2];
  if (!numbers(env, info, 2, n)) return NULL;
  return answer(env, flock((int)n[0], n[1] ? LOCK_EX | LOCK_NB : LOCK_UN) < 0 ? -errno : 0);
}

/* dropInput(file): 0; what had come in and was not read is gone. */
static napi_value drop_input(napi_env env, napi_callback_info info) {
  int64_t n[1];
  if (!numbers(env, info, 1, n)) return NULL;
  return answer(env, tcflush((int)n[0], TCIFLUSH) < 0 ? -errno : 0);
}

NAPI_MODULE_INIT() {
  static const struct {
    const char *name;
    napi_callback call;
  } FUNCTIONS[] = {
      {"requestLine", request_line},      {"getLevel", get_level},        {"setLevel", set_level},
      {"readEdges", read_edges},          {"waitForInput", wait_for_input}, {"spiTransfer", spi_transfer},
      {"openSerial", open_serial},        {"lockFile", lock_file},          {"dropInput", drop_input},
  };
  for (size_t i = 0; i < sizeof FUNCTIONS / sizeof FUNCTIONS[0]; i++) {
    napi_value function;
    napi_create_function(env, FUNCTIONS[i].name, NAPI_AUTO_LENGTH, FUNCTIONS[i].call, NULL, &function);
    napi_set_named_property(env, exports, FUNCTIONS[i].name, function);
  }
  return exports;
}
