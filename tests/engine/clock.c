/* A machine's clock that runs faster, for the processes that are started with this library in
 * LD_PRELOAD: what time it is (CLOCK_REALTIME) was FAST_CLOCK_TOLD when the machine's clock said
 * FAST_CLOCK_BEGAN, both in milliseconds since the epoch, and runs FAST_CLOCK_SPEED times as fast
 * since. How long things take (CLOCK_MONOTONIC, by which sleeps and timeouts are measured) stays
 * as it is.
 *
 * Only for 64-bit Linux, where the kernel's timespec is the C library's. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define NANOSECONDS 1000000000LL

static long long of_environment(const char *name, long long otherwise) {
  const char *text = getenv(name);
  return text ? atoll(text) : otherwise;
}

static long long began, begins_at, speed = 1;

__attribute__((constructor)) static void read_environment(void) {
  began = of_environment("FAST_CLOCK_BEGAN", 0) * (NANOSECONDS / 1000);
  begins_at = of_environment("FAST_CLOCK_TOLD", 0) * (NANOSECONDS / 1000);
  speed = of_environment("FAST_CLOCK_SPEED", 1);
}

int clock_gettime(clockid_t clock, struct timespec *now) {
  long failed = syscall(SYS_clock_gettime, clock, now);
  if (failed || (clock != CLOCK_REALTIME && clock != CLOCK_REALTIME_COARSE)) {
    return (int)failed;
  }
  long long machine = now->tv_sec * NANOSECONDS + now->tv_nsec;
  long long told = begins_at + (machine - began) * speed;
  now->tv_sec = told / NANOSECONDS;
  now->tv_nsec = told % NANOSECONDS;
  return 0;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
  (void)zone;
  struct timespec told;
  int failed = clock_gettime(CLOCK_REALTIME, &told);
  now->tv_sec = told.tv_sec;
  now->tv_usec = told.tv_nsec / 1000;
  return failed;
}

time_t time(time_t *place) {
  struct timespec told;
  clock_gettime(CLOCK_REALTIME, &told);
  if (place) {
    *place = told.tv_sec;
  }
  return told.tv_sec;
}
