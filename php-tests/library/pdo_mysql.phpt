--TEST--
PDOPool on MariaDB: 50 queries wait at once; a killed connection comes back, with statement and settings
--EXTENSIONS--
pdo_mysql
--SKIPIF--
<?php getenv('TEST_MYSQL_PORT') or die('skip no MariaDB'); ?>
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine\Channel;
use Swoole\Database\{PDOConfig, PDOPool};
use function Swoole\Coroutine\{go, run};
run(function () {
    $config = (new PDOConfig)->withHost(getenv('TEST_MYSQL_HOST'))->withPort((int) getenv('TEST_MYSQL_PORT'))
        ->withUsername(getenv('TEST_MYSQL_USER'))->withPassword(getenv('TEST_MYSQL_PASSWORD'))
        ->withDbname(getenv('TEST_MYSQL_DATABASE'));
    $pool = new PDOPool($config, 25);
    $group = new Channel(100);
    $right = 0;
    $time = elapsed(function () use ($pool, $group, &$right) {
        for ($i = 0; $i < 50; $i++) {
            go(function () use ($pool, $i, $group, &$right) {
                $pdo = $pool->get();
                $statement = $pdo->prepare('SELECT ? + 0 AS n, SLEEP(0.2)');
                $statement->execute([$i]);
                $right += $statement->fetch(PDO::FETCH_ASSOC)['n'] == $i;
                $pool->put($pdo);
                $group->push(1);
            });
        }
        for ($i = 0; $i < 50; $i++) {
            $group->pop();
        }
    });
    show($right);
    took($time, 400, 800);

    $other = (new PDOPool($config, 1))->get();
    $pdo = $pool->get();
    $pdo->setAttribute(PDO::ATTR_DEFAULT_FETCH_MODE, PDO::FETCH_NUM);
    $kill = function () use ($pdo, $other) {
        $other->exec('KILL ' . $pdo->__getObject()->query('SELECT CONNECTION_ID()')->fetchColumn());
    };
    $kill();
    show(@$pdo->query('SELECT 1, 2')->fetchAll(), $pdo->getRound());
    $statement = $pdo->prepare('SELECT :x * 2, :y');
    $statement->bindParam(':x', $x);
    $statement->bindValue(':y', 'why');
    $statement->setFetchMode(PDO::FETCH_NUM);
    foreach ([5, 6] as $x) {
        $kill();
        show(@$statement->execute(), $statement->fetchAll()[0][1], $pdo->getRound());
    }
    $pdo->beginTransaction();
    $kill();
    try {
        @$pdo->exec('SELECT 1');
    } catch (PDOException $e) {
        show('in a transaction', str_contains($e->getMessage(), 'gone away'), $pdo->getRound());
    }
    @$pool->put($pdo);
    show($pdo->query('SELECT 7')->fetchColumn(), $pdo->getRound(), $pdo->inTransaction());
    $pool->close();
});
?>
--EXPECT--
50
took about 400 ms
[[1,2]] 1
true why 2
true why 3
in a transaction true 3
7 4 false
