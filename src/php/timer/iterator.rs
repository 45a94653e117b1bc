//! Swoole\Timer\Iterator: an ArrayIterator over timer ids.
