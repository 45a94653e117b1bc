--TEST--
The destructors at the script's end may use the loop, but create no coroutine
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
$code = <<<'PHP'
final class Last
{
    public function __destruct()
    {
        echo "destructor\n";
        BODY
        echo "end\n";
    }
}
$last = new Last;
PHP;
$bodies = [
    'Swoole\Coroutine\run(function () { Swoole\Coroutine::sleep(0.001); echo "ran\n"; });',
    'var_dump(Swoole\Timer::after(1, fn () => print("too late\n")));',
    'Swoole\Timer::after(1, fn () => print("timer\n")); Swoole\Event::wait();',
    'Swoole\Coroutine::create(function () { echo "in a coroutine\n"; });',
];
foreach ($bodies as $body) {
    $run = run_php(str_replace('BODY', $body, $code));
    echo preg_replace('/ in \S+\.php on line \d+/', '', $run->output), $run->exit, "\n";
}
?>
--EXPECT--
destructor
ran
end
0
destructor
int(1)
end
0
destructor
timer
end
0
destructor

Fatal error: Swoole\Coroutine::create(): can not use coroutine in __destruct after php_request_shutdown
255
