--TEST--
50 clients of libmongoc ask a server that speaks MongoDB's wire protocol and thinks for half a second
--EXTENSIONS--
mongodb
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use MongoDB\Driver\{Manager, Query};
use Swoole\Coroutine;
use function Swoole\Coroutine\{go, run};

/** Between bytes and PHP: functions of the driver's first version, methods since. */
function bson(string|array $document): array|string
{
    if (function_exists('MongoDB\BSON\toPHP')) {
        return is_array($document) ? MongoDB\BSON\fromPHP($document) : (array) MongoDB\BSON\toPHP($document);
    }
    return is_array($document)
        ? (string) MongoDB\BSON\Document::fromPHP($document)
        : (array) MongoDB\BSON\Document::fromBSON($document)->toPHP();
}

/** Answers to a command, by its name. */
function answer(array $command): array
{
    return match (array_key_first($command)) {
        'find' => ['cursor' => ['id' => 0, 'ns' => 'test.things', 'firstBatch' => [['_id' => $command['filter']->_id, 'found' => true]]], 'ok' => 1],
        default => ['helloOk' => true, 'isWritablePrimary' => true, 'ismaster' => true, 'maxBsonObjectSize' => 16777216,
            'maxMessageSizeBytes' => 48000000, 'maxWriteBatchSize' => 100000, 'minWireVersion' => 0, 'maxWireVersion' => 17, 'ok' => 1],
    };
}

/** One request and its reply; false at the end. OP_QUERY greets, OP_MSG asks (mongodb.com, "Wire Protocol"). */
function serve($peer): bool
{
    $head = fread($peer, 16);
    if (strlen($head) < 16) {
        return false;
    }
    ['size' => $size, 'id' => $id, 'op' => $op] = unpack('Vsize/Vid/Vto/Vop', $head);
    for ($body = ''; strlen($body) < $size - 16;) {
        $body .= fread($peer, $size - 16 - strlen($body));
    }
    // Flags and a section's kind; or flags, a name and two numbers.
    $at = $op === 2013 ? 5 : strpos($body, "\0", 4) + 9;
    $length = unpack('V', $body, $at)[1];
    $command = bson(substr($body, $at, $length));
    if (isset($command['find'])) {
        usleep(500_000);
    }
    $document = bson(answer($command));
    $reply = $op === 2013 ? pack('VC', 0, 0) . $document : pack('VPVV', 8, 0, 0, 1) . $document;
    fwrite($peer, pack('VVVV', 16 + strlen($reply), 1, $id, $op === 2013 ? 2013 : 1) . $reply);
    return true;
}

run(function () {
    $server = stream_socket_server('tcp://127.0.0.1:0', $code, $text, STREAM_SERVER_BIND | STREAM_SERVER_LISTEN,
        stream_context_create(['socket' => ['backlog' => 256]]));
    $accepting = go(function () use ($server) {
        while ($peer = @stream_socket_accept($server, 3600)) {
            go(function () use ($peer) {
                while (serve($peer));
            });
        }
    });
    $uri = 'mongodb://' . stream_socket_get_name($server, false) . '/?serverSelectionTimeoutMS=5000';
    $right = null;
    $time = elapsed(function () use ($uri, &$right) {
        $right = array_sum(Coroutine\map(range(0, 49), function ($i) use ($uri) {
            // A client for each: the driver would share one.
            $manager = new Manager($uri, [], ['disableClientPersistence' => true]);
            foreach ($manager->executeQuery('test.things', new Query(['_id' => $i])) as $thing) {
                return (int) ($thing->_id === $i && $thing->found);
            }
        }));
    });
    Coroutine::cancel($accepting);
    var_dump($right);
    took($time, 500, 450);
});
?>
--EXPECT--
int(50)
took about 500 ms
