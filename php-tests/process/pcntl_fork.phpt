--TEST--
pcntl_fork(): the child of a process that had a loop goes on with one of its own, and the parent with its
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';

/** Files, names, sockets and timers: what a loop and its threads do. */
function use_everything(): void
{
    $file = temp_path();
    Co\run(function () use ($file) {
        $length = Swoole\Coroutine\System::writeFile($file, 'content');
        $address = Swoole\Coroutine\System::gethostbyname('localhost');
        [$near, $far] = stream_socket_pair(STREAM_PF_UNIX, STREAM_SOCK_STREAM, 0);
        Swoole\Timer::after(5, fn () => fwrite($far, 'over the loop'));
        $text = fread($near, 100);
        show($length, $address, $text, file_get_contents($file));
    });
}

function forked(callable $child): string
{
    $pid = pcntl_fork();
    if ($pid === 0) {
        $child();
        exit(0);
    }
    return (string) $pid;
}

function ended(string $pid): void
{
    pcntl_waitpid((int) $pid, $status);
    show('child', pcntl_wifexited($status) ? 'exit ' . pcntl_wexitstatus($status) : 'signal ' . pcntl_wtermsig($status));
}

echo "after a loop\n";
use_everything();
ended(forked('use_everything'));
use_everything();

echo "a timer of before is both's\n";
$timer = Swoole\Timer::after(5, function () {
    global $pid;
    show('timer of', ($pid ?? '') === '' ? 'the child' : 'the parent');
});
$pid = forked(Swoole\Event::wait(...));
ended($pid);
Swoole\Event::wait();

echo "so is a descriptor, and taking it out of one loop leaves it in the other\n";
[$near, $far] = stream_socket_pair(STREAM_PF_UNIX, STREAM_SOCK_STREAM, 0);
Swoole\Event::add($near, function ($near) {
    show('event', fread($near, 100));
    Swoole\Event::del($near);
});
$pid = forked(function () use ($near) {
    show('child has it', Swoole\Event::isset($near));
    Swoole\Event::del($near);
    Co\run(fn () => Co::sleep(0.001));
});
ended($pid);
fwrite($far, "the parent's");
Swoole\Event::wait();

echo "and a signal's handler\n";
Swoole\Process::signal(SIGUSR1, function () {
    show('signal');
    Swoole\Process::signal(SIGUSR1, null);
    Swoole\Timer::clearAll();
});
$both = function () {
    Swoole\Timer::tick(2, fn () => posix_kill(getmypid(), SIGUSR1));
    Swoole\Event::wait();
};
$pid = forked($both);
ended($pid);
$both();

echo "not with coroutines under way\n";
$channel = new Swoole\Coroutine\Channel();
go(function () use ($channel) {
    show('in a coroutine', pcntl_fork());
    $channel->pop();
    show('popped');
});
show('beside a coroutine', pcntl_fork());
go(fn () => $channel->push(1));
Swoole\Timer::after(1, fn () => show('in the loop', pcntl_fork()));
Swoole\Timer::after(2, fn () => show('for a signal', pcntl_sigtimedwait([SIGUSR1], $info, 0, 1)));
Swoole\Event::wait();
ended(forked(fn () => show('afterwards')));
?>
--EXPECTF--
after a loop
7 127.0.0.1 over the loop content
7 127.0.0.1 over the loop content
child exit 0
7 127.0.0.1 over the loop content
a timer of before is both's
timer of the child
child exit 0
timer of the parent
so is a descriptor, and taking it out of one loop leaves it in the other
child has it true
child exit 0
event the parent's
and a signal's handler
signal
child exit 0
signal
not with coroutines under way

Warning: pcntl_fork() has been disabled for security reasons in %s on line %d
in a coroutine null

Warning: pcntl_fork() has been disabled for security reasons in %s on line %d
beside a coroutine null
popped

Warning: pcntl_fork() has been disabled for security reasons in %s on line %d
in the loop null

Warning: pcntl_sigtimedwait() has been disabled for security reasons in %s on line %d
for a signal null
afterwards
child exit 0
