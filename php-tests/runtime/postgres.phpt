--TEST--
50 PDO PostgreSQL and 50 pgsql queries of half a second each
--EXTENSIONS--
pdo
pdo_pgsql
pgsql
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use Swoole\Runtime;
use function Swoole\Coroutine\{go, run};
[$host, $port, $user, $password] = array_map('getenv', ['TEST_PGSQL_HOST', 'TEST_PGSQL_PORT', 'TEST_PGSQL_USER', 'TEST_PGSQL_PASSWORD']);
run(function () use ($host, $port, $user, $password) {
    $right = 0;
    // Connected first: the server forks a process for each.
    $pdo = $pg = [];
    for ($i = 0; $i < 50; $i++) {
        go(function () use (&$pdo, &$pg, $i, $host, $port, $user, $password) {
            $pdo[$i] = new PDO("pgsql:host=$host;port=$port;dbname=postgres", $user, $password);
            $pg[$i] = pg_connect("host=$host port=$port dbname=postgres user=$user password=$password", PGSQL_CONNECT_FORCE_NEW);
        });
    }
    while (count($pg) < 50) {
        usleep(10_000);
    }
    $time = elapsed(function () use ($pdo, $pg, &$right) {
        $all = [];
        for ($i = 0; $i < 50; $i++) {
            $all[] = go(function () use ($pdo, $i, &$right) {
                $right += $pdo[$i]->query("select $i from pg_sleep(0.5)")->fetchColumn() == $i;
            });
            $all[] = go(function () use ($pg, $i, &$right) {
                $right += pg_fetch_result(pg_query($pg[$i], "select $i from pg_sleep(0.5)"), 0, 0) == $i;
            });
        }
        Coroutine::join($all);
    });
    var_dump($right);
    took($time, 500, 450);
});
?>
--EXPECT--
int(100)
took about 500 ms
