//! Swoole\Coroutine\MySQL\Exception: nothing of its own.
