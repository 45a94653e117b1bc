--TEST--
statvfs() of a mounted file system
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine\System;
use function Swoole\Coroutine\run;
run(function () {
    $stat = System::statvfs('/');
    show($stat['bsize'] > 0, $stat['blocks'] > 0, $stat['bfree'] <= $stat['blocks'], array_keys($stat));
});
?>
--EXPECT--
true true true ["bsize","frsize","blocks","bfree","bavail","files","ffree","favail","fsid","flag","namemax"]
