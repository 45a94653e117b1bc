--TEST--
Process\Manager: functions of their own in the processes of a pool, plainly and in coroutines
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Process\{Manager, Pool};
use Swoole\{Atomic, Coroutine};

$out = temp_path();
$note = fn (string ...$words) => file_put_contents($out, implode(' ', $words) . "\n", FILE_APPEND | LOCK_EX);
$started = new Atomic;
$done = function (Pool $pool) use ($started) {
    if ($started->add() === 4) {
        $pool->shutdown();
    }
};
$manager = new Manager(SWOOLE_IPC_UNIXSOCK, 7);
show($manager instanceof Swoole\Process\ProcessManager, $manager->getIPCType() === SWOOLE_IPC_UNIXSOCK, $manager->getMsgQueueKey());
show($manager->setIPCType(SWOOLE_IPC_NONE) === $manager, $manager->setMsgQueueKey(0) === $manager, $manager->getIPCType());
show($manager->add(function (Pool $pool, int $id) use ($note, $done) {
    $note('plain', $id, Coroutine::getCid());
    $done($pool);
    sleep(10);
}) === $manager);
$manager->addBatch(2, function (Pool $pool, int $id) use ($note, $done) {
    Coroutine::sleep(0.01);
    $note('coroutine', $id, Coroutine::getCid());
    $done($pool);
    Coroutine::sleep(10);
}, true)->add(function (Pool $pool, int $id) use ($note, $done) {
    $note('last', $id, Coroutine::getCid());
    $done($pool);
    sleep(10);
});
thrown(fn () => $manager->add('no_such_function'));
$manager->start();
$lines = array_unique(file($out, FILE_IGNORE_NEW_LINES));
sort($lines);
show($lines);
?>
--EXPECT--
true true 7
true true 0
true
TypeError(0): Swoole\Process\Manager::add(): Argument #1 ($func) must be a valid callback, function "no_such_function" not found or invalid function name
["coroutine 1 1","coroutine 2 1","last 3 -1","plain 0 -1"]
