--TEST--
on(): what cannot be called is a warning that names the method, and leaves what was set before
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
class Hidden
{
    private function one() {}
    protected function two() {}
}
set_error_handler(fn ($level, $message) => show($level === E_WARNING, $message));
$server = new Swoole\Http\Server('127.0.0.1', free_port(), SWOOLE_BASE);
show($server->on('request', $kept = fn () => 1));
show($server->on('request', [new Hidden, 'one']));
show($server->on('request', [new Hidden, 'two']));
show($server->on('request', 'nobody'));
show($server->on('request', null));
show($server->on('workerStart', 'nobody'));
show($server->on('nothing', 'strlen'));
show($server->ports[0]->on('request', 'nobody'));
show($server->getCallback('request') === $kept, swoole_last_error());
// An error handler may throw: nothing is set.
set_error_handler(fn ($level, $message) => throw new ErrorException($message));
thrown(fn () => $server->on('request', 'nobody'));
show($server->getCallback('request') === $kept);
?>
--EXPECT--
true
true Swoole\Server\Port::on(): function 'Hidden::one' is not callable
false
true Swoole\Server\Port::on(): function 'Hidden::two' is not callable
false
true Swoole\Server\Port::on(): function 'nobody' is not callable
false
true Swoole\Server\Port::on(): illegal callback function
false
true Swoole\Server::on(): function 'nobody' is not callable
false
true Swoole\Server\Port::on(): unknown event types[nothing]
false
true Swoole\Server\Port::on(): function 'nobody' is not callable
false
true 503
ErrorException(0): Swoole\Server\Port::on(): function 'nobody' is not callable
true
