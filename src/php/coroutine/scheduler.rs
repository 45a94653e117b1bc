//! Swoole\Coroutine\Scheduler.
