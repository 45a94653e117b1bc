--TEST--
MysqliPool: a killed connection comes back, with statement and settings; failures are exceptions
--EXTENSIONS--
mysqli
--SKIPIF--
<?php getenv('TEST_MYSQL_PORT') or die('skip no MariaDB'); ?>
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Database\{MysqliConfig, MysqliException, MysqliPool};
use function Swoole\Coroutine\run;
foreach ([MYSQLI_REPORT_OFF, MYSQLI_REPORT_ERROR | MYSQLI_REPORT_STRICT] as $report) {
    mysqli_report($report);
    run(function () {
        $config = (new MysqliConfig)->withHost(getenv('TEST_MYSQL_HOST'))->withPort((int) getenv('TEST_MYSQL_PORT'))
            ->withUsername(getenv('TEST_MYSQL_USER'))->withPassword(getenv('TEST_MYSQL_PASSWORD'))
            ->withDbname(getenv('TEST_MYSQL_DATABASE'))->withOptions([MYSQLI_OPT_CONNECT_TIMEOUT => 5]);
        $pool = new MysqliPool($config, 2);
        $one = $pool->get();
        $two = $pool->get();
        show($one::class, $one->query('SELECT 40 + 2')->fetch_row());
        show($one->set_charset('latin1'), $one->character_set_name());
        $kill = fn () => $two->query('KILL ' . $one->__getObject()->thread_id);
        $kill();
        show($one->query('SELECT 1')->fetch_row(), $one->getRound(), $one->character_set_name());
        $statement = $one->prepare('SELECT ? * 2, ?');
        show($statement::class, $statement->bind_param('is', $x, $y), $statement->bind_result($twice, $text));
        foreach ([[4, 'four'], [5, 'five']] as [$x, $y]) {
            $kill();
            show($statement->execute(), $statement->fetch(), $twice, $text, $one->getRound());
            $statement->free_result();
        }
        try {
            $one->query('nonsense');
        } catch (MysqliException | mysqli_sql_exception $e) {
            show($e->getCode(), $one->getRound());
        }
        try {
            @(new MysqliPool($config->withPassword('wrong')))->get();
        } catch (MysqliException | mysqli_sql_exception $e) {
            show($e->getCode());
        }
    });
}
?>
--EXPECT--
Swoole\Database\MysqliProxy ["42"]
true latin1
["1"] 1 latin1
Swoole\Database\MysqliStatementProxy true true
true true 8 four 2
true true 10 five 3
1064 3
1045
Swoole\Database\MysqliProxy ["42"]
true latin1
["1"] 1 latin1
Swoole\Database\MysqliStatementProxy true true
true true 8 four 2
true true 10 five 3
1064 3
1045
