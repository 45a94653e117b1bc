--TEST--
Coroutine\MySQL: rows and their types, changes, several results, transactions
--FILE--
<?php
require __DIR__ . '/client.inc';
Swoole\Coroutine\run(function () {
    $mysql = client();
    $t = table();
    show('connected', $mysql->connected, $mysql->connect_errno, $mysql->serverInfo['user']);
    show('made', $mysql->query("CREATE TABLE $t (id INT PRIMARY KEY AUTO_INCREMENT, name VARCHAR(50), at DATETIME(3), day DATE, f FLOAT, d DOUBLE, u BIGINT UNSIGNED, t TIME, b BLOB, n DECIMAL(10, 2))"));
    show('inserted', $mysql->query("INSERT INTO $t (name, at, day, f, d, u, t, b, n) VALUES ('a', '2024-01-02 03:04:05.678', '2024-01-02', 1.1, 2.2, 18446744073709551615, '-25:01:02', x'00ff27', 12.5), ('ü', NULL, NULL, NULL, NULL, 5, NULL, NULL, NULL)"), $mysql->affected_rows, $mysql->insert_id);
    $row = $mysql->query("SELECT * FROM $t WHERE id = 1")[0];
    show('text', bin2hex($row['b']), array_diff_key($row, ['b' => 0]));
    show('numbers', client(['strict_type' => true])->query("SELECT id, f, d, u, n, name FROM $t"));
    show('none', $mysql->query("SELECT * FROM $t WHERE 0"), $mysql->affected_rows);

    $statement = $mysql->prepare("SELECT id, name, at, day, f, d, u, t, n FROM $t WHERE id >= ? ORDER BY id");
    show('prepared', $statement instanceof Swoole\Coroutine\MySQL\Statement, $statement->id > 0);
    show($statement->execute([1]));
    show(count($statement->execute([2])), $statement->execute([99]), $statement->affected_rows);
    $insert = $mysql->prepare("INSERT INTO $t (name, b, d) VALUES (?, ?, ?)");
    show('params', $insert->execute(['c', "a\0'b", 0.5]), $insert->affected_rows, $insert->insert_id, $insert->execute([null, true, 3]), $insert->insert_id);
    show(bin2hex($mysql->query("SELECT b FROM $t WHERE id = 3")[0]['b']));
    show('closed', $insert->close(), $insert->close());

    show('transaction', $mysql->begin(), $mysql->query("DELETE FROM $t"), $mysql->affected_rows, $mysql->rollback());
    show($mysql->begin(), $mysql->query("UPDATE $t SET f = 7"), $mysql->commit(), count($mysql->query("SELECT 1 FROM $t WHERE f = 7")));

    $mysql->query("CREATE PROCEDURE p_$t() BEGIN SELECT 1 AS one; SELECT 2 AS two, 3 AS three; UPDATE $t SET f = 8; END");
    $result = $mysql->query("CALL p_$t()");
    do {
        show('procedure', $result);
    } while ($result = $mysql->nextResult());
    show($result, $mysql->affected_rows, $mysql->query('SELECT 4 AS four'));
    $call = $mysql->prepare("CALL p_$t()");
    show('prepared', $call->execute(), $call->nextResult(), $call->nextResult(), $call->nextResult());

    $fetching = client(['fetch_mode' => true, 'charset' => 'utf8']);
    show('fetch', $fetching->query("SELECT id FROM $t ORDER BY id"), $fetching->fetch(), $fetching->fetchAll(), $fetching->fetch(), $fetching->fetchAll());
    show('escaped', $mysql->escape("a'b\"c\\d\0\n\r"));
    $mysql->query("DROP PROCEDURE p_$t");
    $mysql->query("DROP TABLE $t");
    show($mysql->close(), $mysql->connected, $mysql->close());
});
?>
--EXPECT--
connected true 0 swoole
made true
inserted true 2 1
text 00ff27 {"id":"1","name":"a","at":"2024-01-02 03:04:05.678","day":"2024-01-02","f":"1.1","d":"2.2","u":"18446744073709551615","t":"-25:01:02","n":"12.50"}
numbers [{"id":1,"f":1.1,"d":2.2,"u":"18446744073709551615","n":"12.50","name":"a"},{"id":2,"f":null,"d":null,"u":5,"n":null,"name":"ü"}]
none [] 0
prepared true true
[{"id":1,"name":"a","at":"2024-01-02 03:04:05.678","day":"2024-01-02","f":1.1,"d":2.2,"u":"18446744073709551615","t":"-25:01:02","n":"12.50"},{"id":2,"name":"ü","at":null,"day":null,"f":null,"d":null,"u":5,"t":null,"n":null}]
1 [] 0
params true 1 3 true 4
61002762
closed true false
transaction true true 4 true
true true true 4
procedure [{"one":"1"}]
procedure [{"two":"2","three":"3"}]
null 4 [{"four":"4"}]
prepared [{"one":1}] [{"two":2,"three":3}] null null
fetch true {"id":"1"} [{"id":"2"},{"id":"3"},{"id":"4"}] null null
escaped a\'b\"c\\d\0\n\r
true false false
