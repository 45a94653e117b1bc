--TEST--
Event::write() sends later what does not fit now
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Event;
[$a, $b] = stream_socket_pair(STREAM_PF_UNIX, STREAM_SOCK_STREAM, 0);
stream_set_blocking($b, false);
$data = random_bytes(600000);
$got = '';
Event::add($a, fn () => 1);
show(Event::write($a, $data));
Event::add($b, function ($stream) use (&$got, $data, $a) {
    $got .= fread($stream, 65536);
    if (strlen($got) >= strlen($data)) {
        Event::defer(function () use ($stream, $a) {
            Event::del($stream);
            Event::del($a);
        });
    }
});
Event::wait();
show($got === $data);
?>
--EXPECT--
true
true
