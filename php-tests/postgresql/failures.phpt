--TEST--
Coroutine\PostgreSQL: refused, wrong, timed out, terminated, cancelled, bound; several at once
--FILE--
<?php
require __DIR__ . '/client.inc';
use Swoole\Coroutine;
use Swoole\Coroutine\PostgreSQL;
Coroutine\run(function () {
    $pg = new PostgreSQL;
    show('no connection', $pg->query('SELECT 1'), $pg->error, $pg->escape('x'));
    show('refused', $pg->connect(conninfo(port: (string) free_port())), $pg->error, $pg->errCode, $pg->resultStatus);
    show('wrong password', $pg->connect(conninfo(password: 'no')), $pg->resultDiag['sqlstate']);
    show('no database', $pg->connect(conninfo(dbname: 'no_such')), $pg->resultDiag['sqlstate'], $pg->error);
    show('no option', $pg->connect('host=x colour=red'), $pg->error, $pg->connect("password='open"), $pg->error);
    show('no tls', $pg->connect(conninfo(sslmode: 'require')), $pg->error);
    $silent = new Coroutine\Socket(AF_INET, SOCK_STREAM, 0);
    $silent->bind('127.0.0.1');
    $silent->listen();
    took(elapsed(fn () => show('silent', $pg->connect(conninfo(port: (string) $silent->getsockname()['port']), 0.1), $pg->error)), 100);
    [$user, $password, $port, $database] = array_map('getenv', ['TEST_PGSQL_USER', 'TEST_PGSQL_PASSWORD', 'TEST_PGSQL_PORT', 'TEST_PGSQL_DATABASE']);
    show('uri', $pg->connect("postgresql://$user:$password@127.0.0.1:$port/$database?application_name=t%20e"), $pg->query('SHOW application_name')->fetchRow());
    show('unix', $pg->connect(conninfo(host: getenv('TEST_PGSQL_SOCKET_DIR'))), $pg->error);

    show('syntax', $pg->query('SELEC 1'), $pg->error, $pg->resultDiag['statement_position'], $pg->resultStatus);
    show('goes on', $pg->query('SELECT 1 AS x')->fetchAll(), $pg->error, $pg->errCode);
    $statement = $pg->prepare('SELECT $1::int AS x');
    show('parameter', $statement->execute(['zz']), $statement->resultDiag['sqlstate'], $statement->execute([]), $statement->resultDiag['sqlstate'], $statement->execute([3]), $statement->error);
    show('not UTF-8', $pg->query("SELECT '\xff'"), $pg->error);
    show('copy', $pg->query('COPY pg_class FROM STDIN'), $pg->resultStatus, $pg->query('SELECT 1')->numRows());

    Coroutine::set(['socket_read_timeout' => 0.1]);
    $slow = client();
    Coroutine::set(['socket_read_timeout' => -1]);
    took(elapsed(fn () => show('timed out', $slow->query('SELECT pg_sleep(5)'), $slow->error, $slow->errCode)), 100);
    show('gone', $slow->query('SELECT 1'), $slow->error);

    $pg = client();
    $id = $pg->query('SELECT pg_backend_pid()')->fetchRow()[0];
    client()->query("SELECT pg_terminate_backend($id)");
    show('terminated', $pg->query('SELECT pg_sleep(1)'), $pg->resultStatus, $pg->query('SELECT 1'));

    $pg = client();
    $me = Coroutine::getCid();
    go(function () use ($me) {
        Coroutine::sleep(0.03);
        Coroutine::cancel($me);
    });
    show('cancelled', $pg->query('SELECT pg_sleep(5)'), $pg->errCode === SOCKET_ECANCELED);

    $pg = client();
    $done = new Coroutine\Channel(1);
    go(fn () => $done->push($pg->query('SELECT pg_sleep(0.1) AS s')->fetchAll()));
    try {
        $pg->query('SELECT 1');
    } catch (Swoole\Error $error) {
        echo preg_replace('/#\d+/', '#N', $error->getMessage()), "\n";
    }
    show($done->pop(), $pg->query('SELECT 1 AS x')->fetchAll());

    took(elapsed(function () {
        Coroutine\batch(array_map(fn ($seconds) => fn () => client()->query("SELECT pg_sleep($seconds)"), [0.2, 0.4, 0.3]));
    }), 400, 600);
});
?>
--EXPECT--
no connection false connection is not available false
refused false Connection refused 111 7
wrong password false 28P01
no database false 3D000 FATAL:  database "no_such" does not exist
no option false invalid connection option "colour" false unterminated quoted string in connection info string
no tls false server does not support SSL, but SSL was required
silent false Connection timed out
took about 100 ms
uri true ["t e"]
unix true null
syntax false ERROR:  syntax error at or near "SELEC" 1 7
goes on [{"x":1}] null 0
parameter false 22P02 false 08P01 true null
not UTF-8 false the query is not valid UTF-8
copy false 7 1
timed out false Connection timed out 110
took about 100 ms
gone false connection is not available
terminated false 7 false
cancelled false true
Socket#N has already been bound to another coroutine#N, reading of the same socket in coroutine#N at the same time is not allowed
[{"s":""}] [{"x":1}]
took about 400 ms
