--TEST--
Coroutine\PostgreSQLStatement: each method, and what each does when it fails
--FILE--
<?php
require __DIR__ . '/client.inc';

use Swoole\Coroutine;
use Swoole\Coroutine\PostgreSQLStatement;

#[AllowDynamicProperties]
class Account
{
    public int $id = 0;
    public array $seen = [];
    public function __construct(string ...$words)
    {
        $this->seen = [$this->id, ...$words];
    }
}

#[AllowDynamicProperties]
class Refuses
{
    public function __construct()
    {
        throw new LogicException('no');
    }
}

Coroutine\run(function () {
    $pg = client();
    $t = table();
    $pg->query("CREATE TABLE $t (id INT PRIMARY KEY, name TEXT NOT NULL CHECK (name <> ''), amount INT)");

    $insert = $pg->prepare("INSERT INTO $t VALUES (\$1, \$2, \$3)");
    show('prepared', $insert instanceof PostgreSQLStatement, $insert instanceof Co\PostgreSQLStatement, $insert->numRows(), $insert->fieldCount(), $insert->affectedRows(), $insert->fetchAll(), $insert->fetchRow());
    foreach (['a', 'b', 'c'] as $n => $name) {
        show('execute', $insert->execute([$n + 1, $name, 10 * $n]), $insert->affectedRows(), $insert->numRows(), $insert->fieldCount(), $insert->resultStatus);
    }

    $select = $pg->prepare("SELECT id, name, amount FROM $t WHERE id >= \$1 ORDER BY id");
    show('select', $select->execute([1]), $select->numRows(), $select->affectedRows(), $select->fieldCount(), $select->resultStatus);
    show('fetchAll', $select->fetchAll(), $select->fetchAll(SW_PGSQL_NUM), $select->fetchAll(SW_PGSQL_BOTH)[2]);
    show('fetchRow', $select->fetchRow(), $select->fetchRow(2), $select->fetchRow(), $select->fetchRow(-1), $select->fetchRow(3), $select->fetchRow(0, SW_PGSQL_BOTH));
    $select->execute([1]);
    show('fetchArray', $select->fetchArray(), $select->fetchArray(1, SW_PGSQL_NUM), $select->fetchArray(null, SW_PGSQL_ASSOC), $select->fetchArray());
    $select->execute([3]);
    show('fetchAssoc', $select->fetchAssoc(), $select->fetchAssoc(), $select->fetchAssoc(0), $select->fetchAssoc(9));
    $select->execute([2]);
    show('fetchObject', $select->fetchObject(), $select->fetchObject(0, Account::class, ['x', 'y']), $select->fetchObject(1, Account::class)->seen, $select->fetchObject());
    $select->execute([99]);
    show('none', $select->numRows(), $select->fieldCount(), $select->fetchAll(), $select->fetchRow(), $select->fetchArray(), $select->fetchAssoc(), $select->fetchObject());

    $select->execute([1]);
    foreach (['fetchAll', 'fetchRow', 'fetchArray'] as $method) {
        thrown(fn () => $method === 'fetchAll' ? $select->$method(0) : $select->$method(0, 4));
    }
    thrown(fn () => $select->fetchObject(0, 'NoSuchClass'));
    thrown(fn () => $select->fetchObject(0, Refuses::class));
    thrown(fn () => $select->fetchObject(0, Account::class, [[]]));
    thrown(fn () => $select->execute(['a', 'b'], 1, 2));
    thrown(fn () => $select->execute([new stdClass]));
    thrown(fn () => clone $select);
    thrown(fn () => serialize($select));
    thrown(fn () => (new PostgreSQLStatement)->execute());
    show('still', $select->execute([3]), $select->fetchRow());

    // The server's refusals leave statement and connection usable.
    $why = fn ($statement) => [$statement->errCode, $statement->resultStatus, $statement->resultDiag['sqlstate'], $statement->resultDiag['constraint_name'] ?? null];
    foreach ([[1, 'twice', 1], [4, '', 1], [4, null, 1], ['x', 'y', 1], [4, 'y', 9999999999], [4], [4, 'y', 1, 2], []] as $params) {
        show('refused', $insert->execute($params), str_replace($t, 'T', json_encode($why($insert))), $insert->error !== null);
    }
    show('mended', $insert->execute([4, 'd', null]), $insert->error, $insert->errCode, $insert->resultDiag, $insert->affectedRows());
    show('the client', $pg->error, $pg->query("SELECT COUNT(*) AS n FROM $t")->fetchAssoc());

    // In a transaction that has failed.
    $pg->query('BEGIN');
    $insert->execute([1, 'twice', 1]);
    show('aborted', $select->execute([1]), $select->resultDiag['sqlstate'], $pg->query('ROLLBACK')->resultStatus, $select->execute([4]), $select->fetchAll());

    // A result outlives the next command, and the table.
    $result = $pg->query("SELECT name FROM $t ORDER BY id");
    $pg->query("DROP TABLE $t");
    show('kept', array_column($result->fetchAll(), 'name'), $select->execute([1]), $select->resultDiag['sqlstate']);
    show('a result', $result->execute(), $result->error, $result->errCode);

    // Two that are executed in turn keep their own rows.
    [$one, $two] = [$pg->prepare('SELECT generate_series(1, $1::int) AS n'), $pg->prepare('SELECT $1::text AS n')];
    $one->execute([3]);
    $two->execute(['two']);
    show('own rows', $one->fetchRow(), $two->fetchRow(), $one->fetchRow(), $two->fetchRow(), $one->fetchRow());

    // Another coroutine has the connection.
    $sleep = $pg->prepare('SELECT pg_sleep($1), $2::int AS n');
    $done = new Coroutine\Channel(1);
    go(fn () => $done->push([$sleep->execute([0.1, 7]), $sleep->fetchAssoc()['n']]));
    foreach ([fn () => $one->execute([1]), fn () => $pg->query('SELECT 1')] as $second) {
        try {
            $second();
            show('not bound');
        } catch (Swoole\Error $error) {
            show('bound', $error->getCode() === SWOOLE_ERROR_CO_HAS_BEEN_BOUND);
        }
    }
    show($done->pop());

    // A cancel and a time-out lose the connection, for each of its statements.
    $me = Coroutine::getCid();
    go(function () use ($me) {
        Coroutine::sleep(0.03);
        Coroutine::cancel($me);
    });
    show('cancelled', $sleep->execute([5, 1]), $sleep->errCode === SOCKET_ECANCELED, $one->execute([1]), $one->errCode, $one->error, $pg->query('SELECT 1'));
    show('rows stay', $two->fetchRow(0), $sleep->fetchAssoc(0)['n']);
    Coroutine::set(['socket_read_timeout' => 0.1]);
    $pg = client();
    Coroutine::set(['socket_read_timeout' => -1]);
    $sleep = $pg->prepare('SELECT pg_sleep($1)');
    took(elapsed(fn () => show('timed out', $sleep->execute([5]), $sleep->errCode === SOCKET_ETIMEDOUT, $sleep->error)), 100);

    // The server ends the connection: while the statement waits, and while nobody does.
    foreach (['SELECT pg_sleep(5)', 'SELECT 1'] as $n => $sql) {
        $pg = client();
        $statement = $pg->prepare($sql);
        $id = $pg->query('SELECT pg_backend_pid()')->fetchRow()[0];
        $kill = fn () => client()->query("SELECT pg_terminate_backend($id)");
        if ($n === 0) {
            go($kill);
        } else {
            $kill();
            Coroutine::sleep(0.1);
        }
        show('terminated', $statement->execute(), $statement->resultDiag['sqlstate'] ?? null, $statement->execute(), $statement->error, $statement->resultDiag);
    }

    // A client that is gone takes the connection along, not before its last statement.
    $pg = client();
    $statement = $pg->prepare('SELECT $1::int AS n');
    unset($pg);
    show('alone', $statement->execute([5]), $statement->fetchRow());
    $pg = client();
    $statement = $pg->prepare('SELECT 1');
    $pg->connect(conninfo());
    show('connected anew', $statement->execute(), $statement->errCode, $pg->query('SELECT 2 AS x')->fetchRow());
});
?>
--EXPECT--
prepared true true 0 0 0 [] false
execute true 1 0 0 1
execute true 1 0 0 1
execute true 1 0 0 1
select true 3 3 3 2
fetchAll [{"id":1,"name":"a","amount":0},{"id":2,"name":"b","amount":10},{"id":3,"name":"c","amount":20}] [[1,"a",0],[2,"b",10],[3,"c",20]] {"0":3,"id":3,"1":"c","name":"c","2":20,"amount":20}
fetchRow [1,"a",0] [3,"c",20] false false false {"0":1,"id":1,"1":"a","name":"a","2":0,"amount":0}
fetchArray {"0":1,"id":1,"1":"a","name":"a","2":0,"amount":0} [2,"b",10] {"id":3,"name":"c","amount":20} false
fetchAssoc {"id":3,"name":"c","amount":20} false {"id":3,"name":"c","amount":20} false
fetchObject {"id":2,"name":"b","amount":10} {"id":2,"seen":[2,"x","y"],"name":"b","amount":10} [3] false
none 0 3 [] false false false false
ValueError(0): Argument #1 ($result_type) must be one of SW_PGSQL_ASSOC, SW_PGSQL_NUM and SW_PGSQL_BOTH
ValueError(0): Argument #2 ($result_type) must be one of SW_PGSQL_ASSOC, SW_PGSQL_NUM and SW_PGSQL_BOTH
ValueError(0): Argument #2 ($result_type) must be one of SW_PGSQL_ASSOC, SW_PGSQL_NUM and SW_PGSQL_BOTH
Error(0): Class "NoSuchClass" not found
LogicException(0): no
TypeError(0): Account::__construct(): Argument #1 must be of type string, array given
ArgumentCountError(0): Swoole\Coroutine\PostgreSQLStatement::execute() expects at most 1 argument, 3 given
Error(0): Object of class stdClass could not be converted to string
Error(0): Trying to clone an uncloneable object of class Swoole\Coroutine\PostgreSQLStatement
Exception(0): Serialization of 'Swoole\Coroutine\PostgreSQLStatement' is not allowed
Swoole\Error(509): must call constructor first
still true [3,"c",20]
refused false [5,7,"23505","T_pkey"] true
refused false [5,7,"23514","T_name_check"] true
refused false [5,7,"23502",null] true
refused false [5,7,"22P02",null] true
refused false [5,7,"22003",null] true
refused false [5,7,"08P01",null] true
refused false [5,7,"08P01",null] true
refused false [5,7,"08P01",null] true
mended true null 0 null 1
the client null {"n":4}
aborted false 25P02 1 true [{"id":4,"name":"d","amount":null}]
kept ["a","b","c","d"] false 42P01
a result false the result of a query cannot be executed 22
own rows [1] ["two"] [2] false [3]
bound true
bound true
[true,7]
cancelled false true false 107 connection is not available false
rows stay ["two"] 7
timed out false true Connection timed out
took about 100 ms
terminated false 57P01 false connection is not available null
terminated false 57P01 false connection is not available null
alone true [5]
connected anew false 107 [2]
