--TEST--
mysqli inside coroutines, over the unix socket
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use function Swoole\Coroutine\run;
run(function () {
    $time = elapsed(function () {
        $results = Coroutine\map(range(1, 10), function ($n) {
            $mysqli = new mysqli('localhost', getenv('TEST_MYSQL_USER'), getenv('TEST_MYSQL_PASSWORD'), getenv('TEST_MYSQL_DATABASE'), 0, getenv('TEST_MYSQL_SOCKET'));
            return (int) $mysqli->query("SELECT SLEEP(0.3), $n AS n")->fetch_assoc()['n'] === $n;
        });
        show(array_unique($results));
    });
    took($time, 300, 1200);
});
?>
--EXPECT--
[true]
took about 300 ms
