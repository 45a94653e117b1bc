--TEST--
NameResolver: filters, clusters, contexts, order of resolvers, connects through them
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine\{Server, Socket};
use Swoole\NameResolver;
use Swoole\NameResolver\{Cluster, Context};
use function Swoole\Coroutine\{go, run};
class Fixed extends NameResolver
{
    public int $asked = 0;
    public function __construct(private array $nodes) { parent::__construct('http://127.0.0.1:8500/base/'); }
    public function join(string $name, string $ip, int $port, array $options = []): bool { return true; }
    public function leave(string $name, string $ip, int $port): bool { return true; }
    public function getCluster(string $name): ?Cluster
    {
        $this->asked++;
        if (!isset($this->nodes[$name])) {
            return null;
        }
        $cluster = new Cluster;
        foreach ($this->nodes[$name] as [$host, $port]) {
            $cluster->add($host, $port);
        }
        return $cluster;
    }
    public function base() { return [$this->baseUrl, $this->info['ip'], $this->prefix]; }
}
$cluster = new Cluster;
show($cluster->count(), $cluster->pop());
$cluster->add('10.0.0.1', 80, 50);
show($cluster->count(), $cluster->pop(), $cluster->count());
thrown(fn () => $cluster->add('host', 80));
thrown(fn () => $cluster->add('::1', 70000));
thrown(fn () => $cluster->add('::1', 80, 101));
thrown(fn () => new Swoole\NameResolver\Consul('nothing'));

$two = new Fixed(['one.svc' => [['127.0.0.1', 81]], 'two.svc' => [['10.0.0.1', 1], ['10.0.0.2', 2]]]);
show($two->base(), $two->hasFilter(), $two->lookup('one.svc'), $two->lookup('two.svc')::class, $two->lookup('none'));
show($two->withFilter(fn ($name) => str_ends_with($name, '.svc')) === $two, $two->hasFilter(), $two->lookup('none'));
show(swoole_name_resolver_add($two));
$context = new Context(AF_INET, true);
$found = [swoole_name_resolver_lookup('two.svc', $context), swoole_name_resolver_lookup('two.svc', $context)];
sort($found);
$asked = $two->asked;
show($found, swoole_name_resolver_lookup('two.svc', $context) !== '', $two->asked - $asked);
show(swoole_name_resolver_lookup('one.svc', new Context), swoole_name_resolver_lookup('one.svc', new Context(AF_INET, true)));
show(swoole_name_resolver_lookup('no.svc', new Context), swoole_name_resolver_lookup('localhost', new Context));
run(function () {
    $server = new Server('127.0.0.1');
    $server->handle(fn ($connection) => $connection->send('found'));
    go(fn () => $server->start());
    $client = new Socket(AF_INET, SOCK_STREAM);
    show($client->connect('one.svc', $server->port), $client->recv());
    $client = new Socket(AF_INET, SOCK_STREAM);
    show($client->connect('no.svc', $server->port), $client->errCode === SWOOLE_ERROR_DNSLOOKUP_RESOLVE_FAILED);
    $server->shutdown();
});
show(swoole_name_resolver_remove($two), swoole_name_resolver_remove($two));
thrown(fn () => swoole_name_resolver_lookup('x', new stdClass));
thrown(fn () => clone $context);
?>
--EXPECT--
0 false
1 {"host":"10.0.0.1","port":80,"weight":50} 0
Swoole\Exception(0): Bad IP Address [host]
Swoole\Exception(0): Bad Port [70000]
Swoole\Exception(0): Bad Weight [101]
RuntimeException(0): invalid url parameter 'nothing'
["http://127.0.0.1:8500/base","127.0.0.1","swoole_service_"] false {"host":"127.0.0.1","port":81,"weight":100} Swoole\NameResolver\Cluster 
true true null
true
["10.0.0.1:1","10.0.0.2:2"] true 1
127.0.0.1 127.0.0.1:81
 127.0.0.1
true found
false true
true false
TypeError(0): swoole_name_resolver_lookup(): Argument #2 ($ctx) must be of type Swoole\NameResolver\Context, stdClass given
Error(0): Trying to clone an uncloneable object of class Swoole\NameResolver\Context
