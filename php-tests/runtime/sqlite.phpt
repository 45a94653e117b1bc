--TEST--
SQLite: writers that wait for each other do not lock up the process
--EXTENSIONS--
pdo
pdo_sqlite
sqlite3
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use Swoole\Runtime;
use function Swoole\Coroutine\{go, run};
run(function () {
    $path = temp_path('.db');
    (new SQLite3($path))->exec('create table t(a)');
    $ticks = 0;
    $all = [];
    for ($i = 0; $i < 10; $i++) {
        $all[] = go(function () use ($path, $i, &$ticks) {
            $pdo = new PDO("sqlite:$path", null, null, [PDO::ATTR_TIMEOUT => 20]);
            $pdo->exec('begin immediate');
            $pdo->exec("insert into t values($i)");
            usleep(20_000);
            $pdo->exec('commit');
            $ticks++;
        });
        $all[] = go(function () use ($path, $i, &$ticks) {
            $db = new SQLite3($path);
            $db->busyTimeout(20_000);
            $db->exec('begin immediate');
            $db->exec("insert into t values(100 + $i)");
            usleep(20_000);
            $db->exec('commit');
            $ticks++;
        });
    }
    Coroutine::join($all);
    var_dump($ticks, (new SQLite3($path))->querySingle('select count(*) || "/" || sum(a) from t'));
});
?>
--EXPECT--
int(20)
string(7) "20/1090"
