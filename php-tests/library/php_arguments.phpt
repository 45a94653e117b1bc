--TEST--
Library classes and functions take arguments as PHP code takes them: more than they know, no null for a scalar
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine\WaitGroup;
use Swoole\Database\{PDOConfig, RedisConfig};
use Swoole\{ArrayObject, Coroutine, ObjectProxy, StringObject};

$group = new WaitGroup(1, 'more');
$group->add(1, 'more');
show($group->count('more'), (string) (new StringObject('a ', 1))->rtrim('more')->append('b', 2));
show((new ArrayObject([2, 1]))->sort(SORT_REGULAR, 'more')->toArray('more'), swoole_library_set_option('a', 1, 2));
Coroutine\run(fn () => show(Coroutine\batch(['a' => fn () => 1], 1, 'more'), Coroutine\map([1, 2], fn ($n) => $n * 2, -1, 'more')));

thrown(fn () => $group->add(null));
thrown(fn () => new StringObject(null));
thrown(fn () => (new PDOConfig)->withHost(null));
thrown(fn () => (new PDOConfig)->withPort(null));
thrown(fn () => (new RedisConfig)->withTimeout(null));
show((new PDOConfig)->withHost(5)->getHost(), (new PDOConfig)->withPort('12')->getPort(), (new PDOConfig)->withUnixSocket(null)->getUnixSocket());

// Too few are as wrong as ever, and what is not PHP code in Swoole counts.
thrown(fn () => (new PDOConfig)->withHost());
thrown(fn () => new Coroutine\Channel(1, 2));

$proxy = new ObjectProxy(fn (int $a, int $b = 0) => [$a, $b]);
show($proxy(1, b: 2));
thrown(fn () => (new ObjectProxy(new stdClass))(1));
$wrong = 5;
thrown(function () use (&$wrong) { Coroutine\Barrier::wait($wrong); });
?>
--EXPECT--
2 ab
[1,2] null
{"a":1} [2,4]
TypeError(0): Swoole\Coroutine\WaitGroup::add(): Argument #1 ($delta) must be of type int, null given
TypeError(0): Swoole\StringObject::__construct(): Argument #1 ($string) must be of type string, null given
TypeError(0): Swoole\Database\PDOConfig::withHost(): Argument #1 ($host) must be of type string, null given
TypeError(0): Swoole\Database\PDOConfig::withPort(): Argument #1 ($port) must be of type int, null given
TypeError(0): Swoole\Database\RedisConfig::withTimeout(): Argument #1 ($timeout) must be of type float, null given
5 12 null
ArgumentCountError(0): Swoole\Database\PDOConfig::withHost() expects exactly 1 argument, 0 given
ArgumentCountError(0): Swoole\Coroutine\Channel::__construct() expects at most 1 argument, 2 given
[1,2]
Error(0): Object of type stdClass is not callable
TypeError(0): Swoole\Coroutine\Barrier::wait(): Argument #1 ($barrier) must be of type Swoole\Coroutine\Barrier, int given
