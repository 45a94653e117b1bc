//! One epoll loop a thread: fds, timers, signals, wakes from other threads, the blocking pool, the tokio thread.
