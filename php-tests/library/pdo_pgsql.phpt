--TEST--
PDOPool on PostgreSQL: queries wait at once, a terminated connection comes back
--EXTENSIONS--
pdo_pgsql
--SKIPIF--
<?php getenv('TEST_PGSQL_PORT') or die('skip no PostgreSQL'); ?>
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine\Channel;
use Swoole\Database\{PDOConfig, PDOPool};
use function Swoole\Coroutine\{go, run};
run(function () {
    $config = (new PDOConfig)->withDriver('pgsql')->withHost(getenv('TEST_PGSQL_HOST'))
        ->withPort((int) getenv('TEST_PGSQL_PORT'))->withUsername(getenv('TEST_PGSQL_USER'))
        ->withPassword(getenv('TEST_PGSQL_PASSWORD'))->withDbname(getenv('TEST_PGSQL_DATABASE'));
    $pool = new PDOPool($config, 10);
    $group = new Channel(100);
    $time = elapsed(function () use ($pool, $group) {
        for ($i = 0; $i < 20; $i++) {
            go(function () use ($pool, $group) {
                $pdo = $pool->get();
                $pdo->query('SELECT pg_sleep(0.2)');
                $pool->put($pdo);
                $group->push(1);
            });
        }
        for ($i = 0; $i < 20; $i++) {
            $group->pop();
        }
    });
    took($time, 400, 800);
    $one = $pool->get();
    $two = $pool->get();
    $pid = $one->query('SELECT pg_backend_pid()')->fetchColumn();
    show($two->query("SELECT pg_terminate_backend($pid)")->fetchColumn());
    show($one->query('SELECT 5')->fetchColumn(), $one->getRound());
});
?>
--EXPECT--
took about 400 ms
true
5 1
