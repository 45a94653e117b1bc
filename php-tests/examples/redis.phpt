--TEST--
examples/redis_server.php by redis-cli: replies of all types, time-outs of keys, errors
--FILE--
<?php
require __DIR__ . '/../_lib/example.inc';
$example = new Example('redis_server');
$ask = function (string ...$command) use ($example) {
    // With the types of the replies, as a terminal would show them.
    echo run_command(['redis-cli', '--no-raw', '-p', (string) $example->port, ...$command])->output;
};
$ask('ping');
$ask('set', 'a', '1');
$ask('incr', 'a');
$ask('incr', 'fresh');
$ask('set', 'text', "zwei\nZeilen");
$ask('mget', 'a', 'nothing', 'text');
$ask('incr', 'text');
$ask('set', 'short', '1', 'px', '1');
usleep(5000);
$ask('exists', 'short', 'a', 'text');
$ask('set', 'long', '1', 'ex', '100');
$ask('ttl', 'long');
$ask('expire', 'a', '50');
$ask('ttl', 'a');
$ask('ttl', 'text');
$ask('ttl', 'nothing');
$ask('keys', '*');
$ask('del', 'a', 'a', 'nothing', 'text');
$ask('get', 'a');
$ask('get');
$ask('flushall');
$example->stop();
?>
--EXPECT--
PONG
OK
(integer) 2
(integer) 1
OK
1) "2"
2) (nil)
3) "zwei\nZeilen"
(error) ERR value is not an integer or out of range
OK
(integer) 2
OK
(integer) 100
(integer) 1
(integer) 50
(integer) -1
(integer) -2
1) "a"
2) "fresh"
3) "long"
4) "text"
(integer) 2
(nil)
(error) ERR wrong number of arguments for 'get' command
(error) ERR unknown command 'flushall'
