--TEST--
Coroutine\PostgreSQL: rows and their types, statements by themselves and by name, columns, quoting
--FILE--
<?php
require __DIR__ . '/client.inc';
class Row
{
    public $id;
    public $name;
    public function __construct(public readonly string $made = 'by nobody')
    {
    }
}
Swoole\Coroutine\run(function () {
    $pg = client();
    $t = table();
    show('made', $pg->query("CREATE TABLE $t (id INT PRIMARY KEY, name TEXT NOT NULL, yes BOOL, f FLOAT8, b BYTEA, at TIMESTAMP, n NUMERIC(8, 2), list INT[], big BIGINT)")->resultStatus);
    show('inserted', $pg->query("INSERT INTO $t VALUES (1, 'ü', TRUE, 1.5, '\\x00ff', '2024-01-02 03:04:05.5', 12.5, '{1,2}', 9007199254740993), (2, '', FALSE, NULL, NULL, NULL, NULL, NULL, NULL)")->affectedRows());
    $result = $pg->query("SELECT * FROM $t ORDER BY id");
    show($result->numRows(), $result->fieldCount(), bin2hex($result->fetchAssoc(0)['b']));
    show($pg->query("SELECT id, name, yes, f, at, n, list, big FROM $t ORDER BY id")->fetchAll());
    show('infinite', is_nan($pg->query("SELECT 'NaN'::float8 AS x")->fetchRow()[0]), is_infinite($pg->query("SELECT '-Infinity'::float4 AS x")->fetchRow()[0]));

    $result = $pg->query("SELECT id, name FROM $t ORDER BY id");
    show('one by one', $result->fetchRow(), $result->fetchAssoc(), $result->fetchArray());
    show($result->fetchArray(0), $result->fetchRow(0, SW_PGSQL_ASSOC), $result->fetchAll(SW_PGSQL_NUM), $result->fetchRow(5));
    $row = $result->fetchObject(1, Row::class, ['me']);
    show('object', $row::class, $row->id, $row->made, $result->fetchObject(0)->name);
    thrown(fn () => $result->fetchAll(9));

    show('as before', $pg->fetchAll($result), $pg->numRows($result), $pg->affectedRows($result), $pg->fieldCount($result), $pg->fetchRow($result, 1));
    $statement = $pg->prepare('SELECT $1::int + 1 AS n, $2::text AS t, $3::bool AS b');
    show('statement', $statement->execute([41, "a'b\\", true]), $statement->fetchAll(), $statement->execute([null, 1.5, false]), $statement->fetchAll());
    show('by name', $pg->prepare('mine', 'SELECT $1::text AS x'), $pg->execute('mine', ['y'])->fetchAll());
    $statement = null;
    show('forgotten', $pg->query('SELECT name FROM pg_prepared_statements')->fetchAll());

    show('several', $pg->query("SELECT 1 AS a; SELECT 2 AS b")->fetchAll());
    show('empty', $pg->query('')->resultStatus);
    show('transaction', $pg->query('BEGIN')->resultStatus, $pg->query("DELETE FROM $t")->affectedRows(), $pg->query('ROLLBACK')->resultStatus, $pg->query("SELECT COUNT(*) FROM $t")->fetchRow());
    show('columns', array_slice($pg->metaData($t), 0, 2));
    show('quoted', $pg->escape("a'b"), $pg->escapeLiteral("a'b\\c"), $pg->escapeLiteral('plain'), $pg->escapeIdentifier('a"b'));
    $pg->query("DROP TABLE IF EXISTS no_such_$t; DROP TABLE $t");
    show('noted', str_replace($t, 'T', $pg->notices[0]));
    $big = str_repeat('x', 3_000_000);
    $statement = $pg->prepare('SELECT $1::text AS x');
    $statement->execute([$big]);
    show('large', $statement->fetchRow()[0] === $big, count($pg->query('SELECT generate_series(1, 20000) AS n')->fetchAll()));
});
?>
--EXPECT--
made 1
inserted 2
2 9 00ff
[{"id":1,"name":"ü","yes":true,"f":1.5,"at":"2024-01-02 03:04:05.5","n":"12.50","list":"{1,2}","big":9007199254740993},{"id":2,"name":"","yes":false,"f":null,"at":null,"n":null,"list":null,"big":null}]
infinite true true
one by one [1,"ü"] {"id":2,"name":""} false
{"0":1,"id":1,"1":"ü","name":"ü"} {"id":1,"name":"ü"} [[1,"ü"],[2,""]] false
object Row 2 me ü
ValueError(0): Argument #1 ($result_type) must be one of SW_PGSQL_ASSOC, SW_PGSQL_NUM and SW_PGSQL_BOTH
as before [{"id":1,"name":"ü"},{"id":2,"name":""}] 2 2 2 [2,""]
statement true [{"n":42,"t":"a'b\\","b":true}] true [{"n":null,"t":"1.5","b":false}]
by name true [{"x":"y"}]
forgotten [{"name":"mine"}]
several [{"b":2}]
empty 0
transaction 1 2 1 [2]
columns {"id":{"num":1,"type":"int4","len":4,"not null":true,"has default":false,"array dims":0,"is enum":false},"name":{"num":2,"type":"text","len":-1,"not null":true,"has default":false,"array dims":0,"is enum":false}}
quoted a''b  E'a''b\\c' 'plain' "a""b"
noted NOTICE:  table "no_such_T" does not exist, skipping
large true 20000
