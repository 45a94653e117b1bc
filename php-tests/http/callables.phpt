--TEST--
on() takes every kind of callable
--FILE--
<?php
require __DIR__ . '/../_lib/http.inc';
class Handlers {
    public static function fixed($request, $response) { $response->end('static'); }
    public function method($request, $response) { $response->end('method'); }
    public function __invoke($request, $response) { $response->end('invoke'); }
}
function handler($request, $response) { $response->end('function'); }
foreach (['handler', 'Handlers::fixed', ['Handlers', 'fixed'], [new Handlers, 'method'], new Handlers, fn ($request, $response) => $response->end('arrow')] as $callable) {
    $server = TestServer::handler($callable);
    show($server->get('/')->body);
    $server->stop();
}
?>
--EXPECT--
function
static
static
method
invoke
arrow
