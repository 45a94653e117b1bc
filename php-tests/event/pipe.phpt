--TEST--
A pipe of a process
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Event;
$process = proc_open(['echo', 'from the child'], [1 => ['pipe', 'w']], $pipes);
Event::add($pipes[1], function ($stream) {
    show(trim(fread($stream, 100)));
    Event::del($stream);
});
Event::wait();
?>
--EXPECT--
from the child
