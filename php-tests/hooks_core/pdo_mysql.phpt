--TEST--
PDO MySQL inside coroutines
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use function Swoole\Coroutine\run;
run(function () {
    $time = elapsed(function () {
        $results = Coroutine\map(range(1, 10), function ($n) {
            $pdo = new PDO('mysql:host=' . getenv('TEST_MYSQL_HOST') . ';port=' . getenv('TEST_MYSQL_PORT') . ';dbname=' . getenv('TEST_MYSQL_DATABASE'), getenv('TEST_MYSQL_USER'), getenv('TEST_MYSQL_PASSWORD'));
            $statement = $pdo->prepare('SELECT SLEEP(0.3), ? AS n');
            $statement->execute([$n]);
            return (int) $statement->fetch()['n'] === $n;
        });
        show(array_unique($results));
    });
    took($time, 300, 1200);
});
?>
--EXPECT--
[true]
took about 300 ms
