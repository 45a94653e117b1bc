--TEST--
Coroutine\MySQL: refused, wrong, timed out, killed, cancelled, closed by another, bound
--FILE--
<?php
require __DIR__ . '/client.inc';
use Swoole\Coroutine;
use Swoole\Coroutine\MySQL;
Coroutine\run(function () {
    $mysql = new MySQL;
    show('no connection', $mysql->query('SELECT 1'), $mysql->errno, $mysql->error);
    foreach ([[], ['host' => 'a'], ['charset' => "x'; --"]] as $given) {
        thrown(fn () => $mysql->connect($given ? $given + (isset($given['charset']) ? config() : []) : []));
    }
    show('refused', $mysql->connect(config(['port' => free_port()])), $mysql->connect_errno, $mysql->connect_error, $mysql->connected);
    show('no such name', $mysql->connect(config(['host' => 'no-such-name.invalid'])), $mysql->connect_errno);
    show('wrong password', $mysql->connect(config(['password' => 'no'])), $mysql->connect_errno, substr($mysql->connect_error, 0, 23));
    show('no database', $mysql->connect(config(['database' => 'no_such'])), $mysql->connect_errno);
    $silent = new Coroutine\Socket(AF_INET, SOCK_STREAM, 0);
    $silent->bind('127.0.0.1');
    $silent->listen();
    took(elapsed(fn () => show('silent', $mysql->connect(config(['port' => $silent->getsockname()['port'], 'timeout' => 0.1])), $mysql->connect_error)), 100);
    show('unix', $mysql->connect(config(['host' => 'unix:' . getenv('TEST_MYSQL_SOCKET')])), $mysql->query('SELECT 1 AS x'));

    show('syntax', $mysql->query('SELEC'), $mysql->errno, substr($mysql->error, 0, 22));
    show('prepare', $mysql->prepare('SELEC ?'), $mysql->errno, $mysql->connected);
    $statement = $mysql->prepare('SELECT ? + 1 AS n');
    show('count', $statement->execute(), $statement->errno, $statement->execute([1, 2]), preg_replace('/#\d+/', '#N', $statement->error));
    show('execute', $mysql->prepare('INSERT INTO no_such VALUES (?)'), $mysql->errno);
    show('goes on', $statement->execute([1]), $statement->errno);
    thrown(function () use ($mysql) {
        $mysql->setDefer();
        $mysql->begin();
    });
    $mysql->setDefer(false);

    took(elapsed(fn () => show('timed out', $mysql->query('SELECT SLEEP(5)', 0.1), $mysql->errno, $mysql->error, $mysql->connected)), 100);
    show('gone', $mysql->query('SELECT 1'), $mysql->errno, $statement->execute([1]), $statement->errno);
    $mysql = client();
    $statement = $mysql->prepare('SELECT SLEEP(?)');
    show('timed out', $statement->execute([5], 0.05), $statement->errno, $mysql->connected);

    $mysql = client();
    $id = $mysql->query('SELECT CONNECTION_ID() AS id')[0]['id'];
    go(function () use ($id) {
        client()->query("KILL $id");
    });
    show('killed', $mysql->query('SELECT SLEEP(5)'), in_array($mysql->errno, [1317, 2013], true));
    show($mysql->query('SELECT 1'), in_array($mysql->errno, [2006, 2013], true));

    $mysql = client();
    $me = Coroutine::getCid();
    go(function () use ($me) {
        Coroutine::sleep(0.03);
        Coroutine::cancel($me);
    });
    show('cancelled', $mysql->query('SELECT SLEEP(5)'), $mysql->error);
    $mysql = client();
    go(function () use ($mysql) {
        Coroutine::sleep(0.03);
        $mysql->close();
    });
    took(elapsed(fn () => show('closed under it', $mysql->query('SELECT SLEEP(5)'), $mysql->errno)), 30);

    $mysql = client();
    $done = new Coroutine\Channel(1);
    go(fn () => $done->push($mysql->query('SELECT SLEEP(0.1) AS s')));
    try {
        $mysql->query('SELECT 1');
    } catch (Swoole\Error $error) {
        echo preg_replace('/#\d+/', '#N', $error->getMessage()), "\n";
    }
    show($done->pop(), $mysql->query('SELECT 1 AS x'));
});
?>
--EXPECT--
no connection false 2006 SQLSTATE[HY000] [2006] MySQL server has gone away
Swoole\Coroutine\MySQL\Exception(11): Parameter [host] is required
Swoole\Coroutine\MySQL\Exception(11): Parameter [user] is required
Swoole\Coroutine\MySQL\Exception(11): Unknown charset [x'; --]
refused false 2002 SQLSTATE[HY000] [2002] Connection refused false
no such name false 2002
wrong password false 1045 SQLSTATE[28000] [1045] 
no database false 1049
silent false SQLSTATE[HY000] [2002] Connection timed out
took about 100 ms
unix true [{"x":"1"}]
syntax false 1064 SQLSTATE[42000] [1064]
prepare false 1064 true
count false 2034 false SQLSTATE[HY000] [2034] statement#N expects 1 parameter, 2 given.
execute false 1146
goes on [{"n":2}] 0
Swoole\Coroutine\MySQL\Exception(1): you should not query for transaction when defer is on, if you want to do it, please use Coroutine\MySQL::query()
timed out false 2013 SQLSTATE[HY000] [2013] Lost connection to MySQL server during query: Connection timed out false
took about 100 ms
gone false 2006 false 2006
timed out false 2013 false
killed false true
false true
cancelled false SQLSTATE[HY000] [2013] Lost connection to MySQL server during query: Operation canceled
closed under it false 2013
took about 30 ms
MySQL client has already been bound to another coroutine#N, using it in coroutine#N at the same time is not allowed
[{"s":"0"}] [{"x":"1"}]
