--TEST--
socket_select() that fails leaves the caller's own objects in its arrays
--EXTENSIONS--
sockets
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use function Swoole\Coroutine\run;
run(function () {
    socket_create_pair(AF_UNIX, SOCK_STREAM, 0, $pair);
    $closed = socket_create(AF_INET, SOCK_STREAM, 0);
    socket_close($closed);
    $kinds = fn (?array $list): string => $list === null ? 'null' : json_encode(array_map(fn ($s) => is_object($s) ? $s::class : $s, $list));
    $try = function (?array $read, ?array $write, ?array $except) use ($kinds): void {
        try {
            var_dump(socket_select($read, $write, $except, 0, 1000));
        } catch (Throwable $error) {
            echo $error::class, ': ', $error->getMessage(), "\n";
        }
        echo $kinds($read), ' ', $kinds($write), ' ', $kinds($except), "\n";
    };
    $try(['a' => $pair[0]], [$pair[1]], ['no socket']);
    $try(['a' => $pair[0]], ['no socket'], null);
    $try(['a' => $pair[0]], [$pair[1]], [7 => $closed]);
    $try([$pair[0], $pair[1]], ['b' => $pair[1]], null);
    // A property that may not become another array is not left with half of it.
    $typed = new class($pair) {
        public array $read;
        public function __construct(public array $pair)
        {
            $this->read = [$pair[0]];
        }
    };
    $none = null;
    try {
        $write = [new stdClass];
        socket_select($typed->read, $write, $none, 0);
    } catch (TypeError $error) {
        echo $error->getMessage(), "\n";
    }
    var_dump($typed->read[0] === $pair[0], $write);
});
?>
--EXPECT--
TypeError: socket_select(): Argument #3 ($except) must only have elements of type Socket, string given
{"a":"Swoole\\Coroutine\\Socket"} ["Swoole\\Coroutine\\Socket"] ["no socket"]
TypeError: socket_select(): Argument #2 ($write) must only have elements of type Socket, string given
{"a":"Swoole\\Coroutine\\Socket"} ["no socket"] null
TypeError: socket_select(): Argument #3 ($except) contains a closed socket
{"a":"Swoole\\Coroutine\\Socket"} ["Swoole\\Coroutine\\Socket"] {"7":"Swoole\\Coroutine\\Socket"}
int(1)
[] {"b":"Swoole\\Coroutine\\Socket"} null
socket_select(): Argument #2 ($write) must only have elements of type Socket, stdClass given
bool(true)
array(1) {
  [0]=>
  object(stdClass)#7 (0) {
  }
}
