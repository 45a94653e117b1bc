--TEST--
Coroutine\MySQL: plain to a server that offers TLS, large results, isolation, an end while nobody asks, time-outs
--FILE--
<?php
require __DIR__ . '/client.inc';

use Swoole\Coroutine;

Coroutine\run(function () {
    $mysql = client();
    $t = table();
    show('the server offers', $mysql->query("SHOW VARIABLES LIKE 'have_ssl'")[0]['Value'], 'we use', $mysql->query("SHOW STATUS LIKE 'Ssl_cipher'")[0]['Value'], $mysql->sock);
    $mysql->query("CREATE USER s_$t@'127.0.0.1' IDENTIFIED BY 'x' REQUIRE SSL");
    show('required', (new Coroutine\MySQL)->connect(config(['user' => "s_$t", 'password' => 'x'])), $mysql->query("DROP USER s_$t@'127.0.0.1'"));

    // Many rows, and rows of many packets.
    $rows = $mysql->query('SELECT seq, REPEAT("x", 50) AS x FROM seq_1_to_100000');
    show('many', count($rows), $rows[99_999]['seq'], $mysql->affected_rows);
    unset($rows);
    $big = str_repeat('0123456789abcdef', 2 << 20);
    show('limit', $mysql->query('SET GLOBAL max_allowed_packet = 134217728'));
    $mysql = client();
    show('large', $mysql->query("SELECT '$big' AS b")[0]['b'] === $big, $mysql->prepare('SELECT ? AS b')->execute([$big])[0]['b'] === $big);
    unset($big);

    // What one has not committed, another does not see.
    $mysql->query("CREATE TABLE $t (n INT) ENGINE=InnoDB");
    $other = client();
    $count = fn ($of) => (int) $of->query("SELECT COUNT(*) AS n FROM $t")[0]['n'];
    show('begin', $mysql->begin(), $mysql->query("INSERT INTO $t VALUES (1), (2)"), $count($mysql), $count($other));
    show('commit', $mysql->commit(), $count($other));
    show('rollback', $mysql->begin(), $mysql->query("DELETE FROM $t"), $count($mysql), $count($other), $mysql->rollback(), $count($mysql));
    $mysql->begin();
    $mysql->query("UPDATE $t SET n = 5 WHERE n = 1");
    $other->query('SET innodb_lock_wait_timeout = 1');
    show('locked', $other->query("UPDATE $t SET n = 6 WHERE n = 1"), $other->errno, $other->connected, $mysql->commit());
    $mysql->begin();
    $mysql->query("INSERT INTO $t VALUES (3)");
    $mysql->close();
    show('an end rolls back', eventually(fn () => $count($other) === 2), $mysql->query('SELECT 1'), $mysql->errno);

    // The server ends connections that nobody uses.
    foreach (['killed', 'too long idle'] as $why) {
        $mysql = client();
        $statement = $mysql->prepare('SELECT 1 AS x');
        if ($why === 'killed') {
            $other->query('KILL ' . $mysql->query('SELECT CONNECTION_ID() AS id')[0]['id']);
        } else {
            $mysql->query('SET wait_timeout = 1');
            Coroutine::sleep(1.5);
        }
        Coroutine::sleep(0.05);
        show($why, $mysql->query('SELECT 1'), in_array($mysql->errno, [2006, 2013], true), $mysql->connected, $mysql->query('SELECT 1'), $mysql->errno, $statement->execute(), $statement->errno);
        show('anew', $mysql->connect(config()), $mysql->query('SELECT 2 AS x'), $statement->execute(), $statement->errno);
    }

    // Time-outs: of the call, of the connection, of all sockets.
    $slow = client();
    took(elapsed(fn () => show('call', $slow->query('SELECT SLEEP(3)', 0.1), $slow->errno)), 100);
    Coroutine::set(['socket_read_timeout' => 0.15]);
    $slow->connect(config());
    took(elapsed(fn () => show('usual', $slow->query('SELECT SLEEP(3)'), $slow->errno)), 150);
    Coroutine::set(['socket_read_timeout' => -1]);
    $slow->connect(config());
    $slow->setDefer();
    show($slow->query('SELECT SLEEP(3)'));
    took(elapsed(fn () => show('deferred', $slow->recv(0.1), $slow->errno, $slow->recv(), $slow->errno)), 100);
    $slow->setDefer(false);
    $slow->connect(config());
    took(elapsed(fn () => show('prepare', $slow->prepare('SELECT SLEEP(?)', 1)->execute([3], 0.1))), 100);

    // Statements of several connections at once; the last is ready after the slowest.
    took(elapsed(function () {
        $statements = [];
        foreach ([0.3, 0.1, 0.2] as $seconds) {
            $mysql = client();
            $statement = $mysql->prepare('SELECT SLEEP(?) AS s, ? AS given');
            $mysql->setDefer();
            $statement->execute([$seconds, $seconds]);
            $statements[] = $statement;
        }
        show('at once', array_map(fn ($statement) => $statement->recv()[0]['given'], $statements));
    }), 300, 500);
    $other->query("DROP TABLE $t");
});
?>
--EXPECT--
the server offers YES we use  -1
required false true
many 100000 100000 100000
limit true
large true true
begin true true 2 0
commit true 2
rollback true true 0 2 true 2
locked false 1205 true true
an end rolls back true false 2006
killed false true false false 2006 false 2006
anew true [{"x":"2"}] false 2006
too long idle false true false false 2006 false 2006
anew true [{"x":"2"}] false 2006
call false 2013
took about 100 ms
usual false 2013
took about 150 ms
true
deferred false 2013 false 2006
took about 100 ms
prepare false
took about 100 ms
at once [0.3,0.1,0.2]
took about 300 ms
