--TEST--
Host names in many coroutines at once, one global buffer in PHP
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use Swoole\Runtime;
use function Swoole\Coroutine\{go, run};
run(function () {
    $all = [];
    for ($i = 0; $i < 30; $i++) {
        $all[] = go(function () use ($i) {
            $name = $i % 3 ? 'localhost' : "no-such-host-$i.invalid";
            $expected = $i % 3 ? '127.0.0.1' : $name;
            if (($got = gethostbyname($name)) !== $expected) {
                echo "$name: $got\n";
            }
            // Twice in the list where /etc/hosts has it for IPv6 too.
            if ($i % 3 && array_unique((array) gethostbynamel($name)) !== ['127.0.0.1']) {
                echo "$name: no list\n";
            }
        });
    }
    Coroutine::join($all);
    var_dump(gethostbyname('127.0.0.1'), gethostbyaddr('127.0.0.1') !== false);
    var_dump(@stream_socket_client('tcp://no-such-host.invalid:1', $code, $text, 1));
});
?>
--EXPECT--
string(9) "127.0.0.1"
bool(true)
bool(false)
