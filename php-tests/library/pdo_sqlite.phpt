--TEST--
PDOPool on SQLite: statements by proxy, variables bound by reference, a transaction does not outlive put()
--EXTENSIONS--
pdo_sqlite
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Database\{PDOConfig, PDOPool};
use function Swoole\Coroutine\run;
run(function () {
    $config = (new PDOConfig)->withDriver('sqlite')->withDbname(temp_path('.sqlite'));
    show($config->getDriver(), $config->getPort(), $config->hasUnixSocket(), $config->getUnixSocket(), $config->getOptions());
    $pool = new PDOPool($config, 2);
    $pdo = $pool->get();
    $pdo->exec('CREATE TABLE t (a INTEGER, b TEXT)');
    $insert = $pdo->prepare('INSERT INTO t VALUES (?, :b)');
    show($pdo::class, $insert::class, $insert->queryString);
    $insert->bindParam(1, $a);
    $insert->bindValue(':b', 'text', PDO::PARAM_STR);
    foreach ([3, 4] as $a) {
        $insert->execute();
    }
    $select = $pdo->query('SELECT a, b FROM t ORDER BY a');
    show($select->setFetchMode(PDO::FETCH_NUM), $select->fetchAll());
    $select = $pdo->prepare('SELECT a, b FROM t ORDER BY a');
    $select->execute();
    $select->bindColumn(1, $first);
    $select->bindColumn('b', $second, PDO::PARAM_STR);
    $select->fetch(PDO::FETCH_BOUND);
    show($first, $second);
    unset($select, $insert);
    show($pdo->setAttribute(PDO::ATTR_CASE, PDO::CASE_UPPER), $pdo->query('SELECT a FROM t')->fetch(PDO::FETCH_ASSOC));
    show($pdo->inTransaction(), $pdo->beginTransaction(), $pdo->inTransaction());
    $pdo->exec('DELETE FROM t');
    $pool->put($pdo);
    $pdo = $pool->get();
    show($pdo->inTransaction(), $pdo->query('SELECT count(*) FROM t')->fetchColumn(), $pdo->getRound());
    show($pdo->beginTransaction(), $pdo->exec('DELETE FROM t'), $pdo->commit(), $pdo->inTransaction());
    show($pdo->query('SELECT count(*) FROM t')->fetchColumn());
    thrown(fn () => $pdo->query('nonsense'));
    thrown(fn () => clone $pdo);
    $pool->put($pdo);
    thrown(fn () => (new PDOPool((new PDOConfig)->withDriver('sqlite')->withDbname(':memory:')))->get());
    thrown(fn () => (new PDOPool((new PDOConfig)->withDriver('sqlite')->withDbname('')))->get());
    thrown(fn () => (new PDOPool((new PDOConfig)->withDriver('none')))->get());
});
?>
--EXPECTF--
sqlite 3306 false null []
Swoole\Database\PDOProxy Swoole\Database\PDOStatementProxy INSERT INTO t VALUES (?, :b)
true [[3,"text"],[4,"text"]]
3 text
true {"A":3}
false true true
false 2 0
true 2 true false
0
PDOException(HY000): SQLSTATE[HY000]: General error: 1 near "nonsense": syntax error
Error(0): Trying to clone an uncloneable database proxy object
Exception(0): Connection pool in Swoole does not support creating SQLite databases in memory.
Exception(0): Connection pool in Swoole does not support temporary SQLite databases.
Exception(0): Unsupported Database Driver:none
