--TEST--
Classes without methods: exceptions, constants, underscore and short names
--FILE--
<?php
foreach (['Swoole\Exception' => Exception::class, 'Swoole\Error' => Error::class, 'Swoole\Client\Exception' => 'Swoole\Exception',
    'Swoole\Coroutine\Socket\Exception' => 'Swoole\Exception', 'Swoole\Coroutine\Http\Client\Exception' => 'Swoole\Exception',
    'Swoole\Coroutine\Http2\Client\Exception' => 'Swoole\Exception', 'Swoole\Coroutine\FastCGI\Client\Exception' => 'Swoole\Exception',
    'Swoole\Coroutine\Curl\Exception' => 'Swoole\Exception', 'Swoole\Curl\Exception' => 'Swoole\Exception',
    'Swoole\Coroutine\CanceledException' => Exception::class, 'Swoole\Coroutine\TimeoutException' => Exception::class,
    'Swoole\Database\MysqliException' => Exception::class, 'Swoole\Exception\ArrayKeyNotExists' => RuntimeException::class,
    'Swoole\NameResolver\Exception' => RuntimeException::class, 'Swoole\RemoteObject\Exception' => RuntimeException::class,
] as $class => $parent) {
    try {
        throw new $class('text', 7, new Exception('before'));
    } catch (Throwable $error) {
        if ([$error::class, get_parent_class($error), $error->getMessage(), $error->getCode(), $error->getPrevious()->getMessage()] !== [$class, $parent, 'text', 7, 'before']) {
            echo "$class is wrong\n";
        }
    }
}
var_dump((new ReflectionClass('Swoole\Coroutine\CanceledException'))->isFinal(), (new ReflectionClass('Co\Http\Client\Exception'))->getName());
var_dump(Swoole\Constant::EVENT_RECEIVE, count((new ReflectionClass('Swoole\Constant'))->getConstants()));
?>
--EXPECT--
bool(true)
string(38) "Swoole\Coroutine\Http\Client\Exception"
string(7) "receive"
int(231)
