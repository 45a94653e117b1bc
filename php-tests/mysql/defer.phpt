--TEST--
Coroutine\MySQL: deferred queries of several connections take as long as the slowest
--FILE--
<?php
require __DIR__ . '/client.inc';
Swoole\Coroutine\run(function () {
    took(elapsed(function () {
        $all = [];
        foreach ([0.2, 0.4, 0.3] as $seconds) {
            $all[] = $mysql = client();
            $mysql->setDefer();
            $mysql->query("SELECT SLEEP($seconds) AS s, $seconds AS given");
        }
        show(array_map(fn ($mysql) => $mysql->recv()[0]['given'], $all));
    }), 400, 600);
    $mysql = client();
    $mysql->setDefer();
    show($mysql->query('SELECT 1 AS x'), $mysql->query('SELECT 2'), $mysql->errno, $mysql->recv(), $mysql->recv(), $mysql->errno);
    show($mysql->prepare('SELECT ? AS y'));
    $statement = $mysql->recv();
    show($statement->execute(['deferred']), $statement->recv(), $statement->recv(), $statement->errno);
    show($mysql->query('SELEC'), $mysql->recv(), $mysql->errno);
    took(elapsed(function () use ($mysql) {
        $mysql->query('SELECT SLEEP(5)');
        show($mysql->recv(0.1), $mysql->errno);
    }), 100);
});
?>
--EXPECT--
["0.2","0.4","0.3"]
took about 400 ms
true false 2014 [{"x":"1"}] false 2014
true
true [{"y":"deferred"}] false 2014
true false 1064
false 2013
took about 100 ms
