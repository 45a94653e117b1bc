--TEST--
Ten thousand requests keep the worker's memory level
--SKIPIF--
<?php if (getenv('SKIP_SLOW_TESTS')) die('skip slow test'); ?>
--FILE--
<?php
require __DIR__ . '/../_lib/http.inc';
$server = TestServer::handler(function ($request, $response) {
    $request->get;
    $request->get['self'] = $request;
    $response->end((string) memory_get_usage());
});
$client = $server->client();
$ask = function () use ($client) {
    $client->request('GET', '/?a=1&b[]=2', ['Cookie' => 'c=d']);
    return (int) $client->reply()->body;
};
for ($i = 0; $i < 1000; $i++) {
    $before = $ask();
}
for ($i = 0; $i < 9000; $i++) {
    $after = $ask();
}
show($after - $before < 20000);
?>
--EXPECT--
true
