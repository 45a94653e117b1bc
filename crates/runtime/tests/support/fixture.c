// Calls libc the way any library does: through its own GOT.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/select.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

// A function pointer in data, as sqlite's table of system calls.
ssize_t (*fx_read_pointer)(int, void *, size_t) = read;

ssize_t fx_read(int fd, void *b, size_t n) { return read(fd, b, n); }
ssize_t fx_read_by_pointer(int fd, void *b, size_t n) { return fx_read_pointer(fd, b, n); }
ssize_t fx_write(int fd, const void *b, size_t n) { return write(fd, b, n); }
ssize_t fx_readv(int fd, const struct iovec *v, int n) { return readv(fd, v, n); }
ssize_t fx_writev(int fd, const struct iovec *v, int n) { return writev(fd, v, n); }
ssize_t fx_pread(int fd, void *b, size_t n, off_t o) { return pread(fd, b, n, o); }
ssize_t fx_pwrite(int fd, const void *b, size_t n, off_t o) { return pwrite(fd, b, n, o); }
ssize_t fx_recv(int fd, void *b, size_t n, int f) { return recv(fd, b, n, f); }
ssize_t fx_send(int fd, const void *b, size_t n, int f) { return send(fd, b, n, f); }
int fx_accept(int fd) { return accept(fd, 0, 0); }
int fx_connect(int fd, const struct sockaddr *a, socklen_t n) { return connect(fd, a, n); }
int fx_poll(struct pollfd *p, nfds_t n, int t) { return poll(p, n, t); }
int fx_select(int n, fd_set *r, fd_set *w, fd_set *e, struct timeval *t) { return select(n, r, w, e, t); }
int fx_epoll_wait(int e, struct epoll_event *v, int n, int t) { return epoll_wait(e, v, n, t); }
ssize_t fx_sendfile(int o, int i, off_t *at, size_t n) { return sendfile(o, i, at, n); }
int fx_close(int fd) { return close(fd); }
int fx_usleep(unsigned us) { return usleep(us); }
unsigned fx_sleep(unsigned s) { return sleep(s); }
int fx_nanosleep(const struct timespec *a, struct timespec *b) { return nanosleep(a, b); }
int fx_clock_nanosleep(int c, int f, const struct timespec *a) { return clock_nanosleep(c, f, a, 0); }
int fx_open(const char *p, int f, int m) { return open(p, f, m); }
int fx_stat(const char *p, struct stat *s) { return stat(p, s); }
int fx_unlink(const char *p) { return unlink(p); }
int fx_fsync(int fd) { return fsync(fd); }
int fx_flock(int fd, int op) { return flock(fd, op); }
int fx_waitpid(int pid, int *s, int o) { return waitpid(pid, s, o); }
int fx_system(const char *c) { return system(c); }
int fx_pclose(void *f) { return pclose(f); }
void *fx_popen(const char *c) { return popen(c, "r"); }
int fx_fork(void) { return fork(); }
int fx_getaddrinfo(const char *n, const char *s, const struct addrinfo *h, struct addrinfo **r) { return getaddrinfo(n, s, h, r); }
int fx_gethostbyname_r(const char *n, struct hostent *h, char *b, size_t l, struct hostent **r, int *e) { return gethostbyname_r(n, h, b, l, r, e); }
int fx_lock(pthread_mutex_t *m) { return pthread_mutex_lock(m); }
int fx_trylock(pthread_mutex_t *m) { return pthread_mutex_trylock(m); }
int fx_unlock(pthread_mutex_t *m) { return pthread_mutex_unlock(m); }
void *fx_dlopen(const char *p) { return dlopen(p, RTLD_NOW | RTLD_LOCAL); }
void *fx_dlsym(void *h, const char *n) { return dlsym(h, n); }
