--TEST--
Coroutine\PostgreSQL: a child of a fork leaves its parent's connection alone and makes its own
--FILE--
<?php
require __DIR__ . '/client.inc';
use function Swoole\Coroutine\run;
run(function () use (&$pg) {
    $pg = client();
});
$child = Child::fork(function () use (&$pg) {
    $pg = null;
    run(fn () => show('child', client()->query('SELECT 2 AS x')->fetchAll()));
});
show($child->wait());
run(fn () => show('parent', $pg->query('SELECT 3 AS x')->fetchAll()));
$pg = null;
?>
--EXPECT--
child [{"x":2}]
exit 0
parent [{"x":3}]
