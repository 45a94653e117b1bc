--TEST--
50 PDO MySQL and 50 mysqli queries of half a second each
--EXTENSIONS--
mysqlnd
pdo
pdo_mysql
mysqli
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use Swoole\Runtime;
use function Swoole\Coroutine\{go, run};
[$host, $port, $user, $password] = array_map('getenv', ['TEST_MYSQL_HOST', 'TEST_MYSQL_PORT', 'TEST_MYSQL_USER', 'TEST_MYSQL_PASSWORD']);
run(function () use ($host, $port, $user, $password) {
    $right = 0;
    $time = elapsed(function () use ($host, $port, $user, $password, &$right) {
        $all = [];
        for ($i = 0; $i < 50; $i++) {
            $all[] = go(function () use ($host, $port, $user, $password, $i, &$right) {
                $pdo = new PDO("mysql:host=$host;port=$port", $user, $password);
                $right += $pdo->query("select $i + sleep(0.5)")->fetchColumn() == $i;
            });
            $all[] = go(function () use ($host, $port, $user, $password, $i, &$right) {
                $mysqli = new mysqli($host, $user, $password, null, (int) $port);
                $right += $mysqli->query("select $i + sleep(0.5)")->fetch_row()[0] == $i;
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
