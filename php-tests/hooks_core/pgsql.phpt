--TEST--
PDO PostgreSQL and pg_query inside coroutines
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use function Swoole\Coroutine\run;
run(function () {
    $time = elapsed(function () {
        $results = Coroutine\map(range(1, 10), function ($n) {
            $where = 'host=' . getenv('TEST_PGSQL_HOST') . ' port=' . getenv('TEST_PGSQL_PORT') . ' dbname=' . getenv('TEST_PGSQL_DATABASE');
            if ($n % 2) {
                $pdo = new PDO('pgsql:' . strtr($where, ' ', ';'), getenv('TEST_PGSQL_USER'), getenv('TEST_PGSQL_PASSWORD'));
                return (int) $pdo->query("SELECT pg_sleep(0.3), $n AS n")->fetch()['n'] === $n;
            }
            $link = pg_connect("$where user=" . getenv('TEST_PGSQL_USER') . ' password=' . getenv('TEST_PGSQL_PASSWORD'), PGSQL_CONNECT_FORCE_NEW);
            return (int) pg_fetch_assoc(pg_query($link, "SELECT pg_sleep(0.3), $n AS n"))['n'] === $n;
        });
        show(array_unique($results));
    });
    took($time, 300, 1500);
});
?>
--EXPECT--
[true]
took about 300 ms
