--TEST--
Coroutine\MySQL: a child of a fork leaves its parent's connection alone and makes its own
--FILE--
<?php
require __DIR__ . '/client.inc';
use function Swoole\Coroutine\run;
run(function () use (&$mysql, &$statement) {
    $mysql = client();
    $statement = $mysql->prepare('SELECT ? AS x');
});
$child = Child::fork(function () use (&$mysql, &$statement) {
    run(function () use ($mysql, $statement) {
        show('inherited', $mysql->query('SELECT 1'), $mysql->errno, $statement->execute([1]), $statement->errno);
        show('child', client()->query('SELECT 2 AS x'));
    });
    $mysql = $statement = null;
});
show($child->wait());
run(fn () => show('parent', $mysql->query('SELECT 3 AS x'), $statement->execute([4])));
$mysql = $statement = null;
?>
--EXPECT--
inherited false 2006 false 2006
child [{"x":"2"}]
exit 0
parent [{"x":"3"}] [{"x":4}]
