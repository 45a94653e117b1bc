--TEST--
Consul, Nacos and Redis as registries; a refusal is an exception with the body
--EXTENSIONS--
curl
redis
--SKIPIF--
<?php getenv('TEST_REDIS_PORT') or die('skip no Redis'); ?>
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine\Server;
use Swoole\NameResolver\{Consul, Nacos, Redis};
use function Swoole\Coroutine\{go, run};
swoole_library_set_option('http_client_driver', 'curl');
run(function () {
    $server = new Server('127.0.0.1');
    $answers = [
        'GET /v1/catalog/service/p_web' => [['ServiceAddress' => '10.0.0.1', 'ServicePort' => 80, 'ServiceWeights' => ['Passing' => 7]]],
        'GET /v1/catalog/service/p_none' => [],
        'GET /nacos/v1/ns/instance/list' => ['hosts' => [['ip' => '10.0.0.2', 'port' => 81, 'weight' => 3.0]]],
    ];
    $server->handle(function ($connection) use ($answers) {
        $request = '';
        while (!str_contains($request, "\r\n\r\n")) {
            $request .= $connection->recv();
        }
        [$head, $body] = explode("\r\n\r\n", $request, 2);
        preg_match('/content-length: (\d+)/i', $head, $length);
        while (strlen($body) < ($length[1] ?? 0)) {
            $body .= $connection->recv();
        }
        [$method, $target] = explode(' ', $head);
        [$path, $query] = explode('?', $target) + [1 => ''];
        show($method, $path, $query, $body);
        $status = str_contains($target, 'broken') ? '500 No' : '200 OK';
        $body = json_encode($answers["$method $path"] ?? 'ok');
        $connection->send("HTTP/1.1 $status\r\nConnection: close\r\nContent-Length: " . strlen($body) . "\r\n\r\n$body");
        $connection->close();
    });
    go(fn () => $server->start());
    $consul = new Consul("http://127.0.0.1:$server->port/", 'p_');
    show($consul->join('web', '10.0.0.1', 80, ['weight' => 7]), $consul->leave('web', '10.0.0.1', 80), $consul->enableMaintenanceMode('web', '10.0.0.1', 80));
    show($consul->getCluster('web')->pop(), $consul->getCluster('none'));
    thrown(fn () => $consul->getCluster('broken'));
    $nacos = new Nacos("http://127.0.0.1:$server->port", 'p_');
    show($nacos->join('web', '10.0.0.2', 81), $nacos->leave('web', '10.0.0.2', 81), $nacos->getCluster('web')->pop());
    $server->shutdown();
    $redis = new Redis('tcp://' . getenv('TEST_REDIS_HOST') . ':' . getenv('TEST_REDIS_PORT'), 'p:');
    show($redis->getCluster('web'), $redis->join('web', '10.0.0.3', 82), $redis->join('web', '::1', 83));
    $nodes = [($cluster = $redis->getCluster('web'))->pop(), $cluster->pop()];
    usort($nodes, fn ($a, $b) => $a['port'] <=> $b['port']);
    show($nodes, $redis->leave('web', '10.0.0.3', 82), $redis->leave('web', '::1', 83), $redis->getCluster('web'));
});
?>
--EXPECT--
PUT /v1/agent/service/register  {"ID":"p_web_10.0.0.1:80","Name":"p_web","Address":"10.0.0.1","Port":80,"EnableTagOverride":false,"Weights":{"Passing":7,"Warning":1}}
PUT /v1/agent/service/deregister/p_web_10.0.0.1:80  
PUT /v1/agent/service/maintenance/p_web_10.0.0.1:80  
true true true
GET /v1/catalog/service/p_web  
GET /v1/catalog/service/p_none  
{"host":"10.0.0.1","port":80,"weight":7} null
GET /v1/catalog/service/p_broken  
Swoole\NameResolver\Exception(500): Http Body: "ok"
POST /nacos/v1/ns/instance port=81&ip=10.0.0.2&healthy=true&weight=100&encoding=utf-8&namespaceId=public&serviceName=p_web 
DELETE /nacos/v1/ns/instance port=81&ip=10.0.0.2&serviceName=p_web 
GET /nacos/v1/ns/instance/list serviceName=p_web 
true true {"host":"10.0.0.2","port":81,"weight":3}
null true true
[{"host":"10.0.0.3","port":82,"weight":100},{"host":"::1","port":83,"weight":100}] true true null
