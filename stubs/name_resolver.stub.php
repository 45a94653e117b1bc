<?php

namespace Swoole
{
    /**
     * Services by name: join() and leave() a registry, and find who offers one.
     * @userland
     */
    abstract class NameResolver
    {
        protected $baseUrl;
        protected $info;
        private $filter_fn;
        protected $prefix;
        public function __construct($url, $prefix = 'swoole_service_') {}
        abstract public function join(string $name, string $ip, int $port, array $options = []): bool;
        abstract public function leave(string $name, string $ip, int $port): bool;
        abstract public function getCluster(string $name): ?\Swoole\NameResolver\Cluster;
        public function withFilter(callable $fn): self {}
        public function getFilter() {}
        public function hasFilter(): bool {}
        public function lookup(string $name) {}
        protected function checkServerUrl(string $url) {}
        protected function checkResponse(\Swoole\Coroutine\Http\ClientProxy $response): bool {}
    }
}

namespace Swoole\NameResolver
{
    /**
     * The nodes of a service; pop() takes one out, chosen by chance.
     * @userland
     */
    class Cluster
    {
        private array $nodes = [];
        public function add(string $host, int $port, int $weight = 100): void {}
        public function pop() {}
        public function count(): int {}
    }

    /**
     * @alias swoole_nameresolver_context
     * What a caller asks the resolvers for: the address family, and whether the port is wanted.
     *
     * @not-serializable
     */
    class Context
    {
        public function __construct(int $family = \AF_INET, bool $withPort = false) {}
    }

    /** @userland */
    class Consul extends \Swoole\NameResolver
    {
        public function join(string $name, string $ip, int $port, array $options = []): bool {}
        public function leave(string $name, string $ip, int $port): bool {}
        public function enableMaintenanceMode(string $name, string $ip, int $port): bool {}
        public function getCluster(string $name): ?\Swoole\NameResolver\Cluster {}
        private function getServiceId(string $name, string $ip, int $port): string {}
    }

    /** @userland */
    class Nacos extends \Swoole\NameResolver
    {
        public function join(string $name, string $ip, int $port, array $options = []): bool {}
        public function leave(string $name, string $ip, int $port): bool {}
        public function getCluster(string $name): ?\Swoole\NameResolver\Cluster {}
    }

    /** @userland */
    class Redis extends \Swoole\NameResolver
    {
        private $serverHost;
        private $serverPort;
        public function __construct($url, $prefix = 'swoole:service:') {}
        public function join(string $name, string $ip, int $port, array $options = []): bool {}
        public function leave(string $name, string $ip, int $port): bool {}
        public function getCluster(string $name): ?\Swoole\NameResolver\Cluster {}
        protected function connect() {}
    }
}

namespace
{
    /**
     * Asks this resolver for the hosts that clients connect to, after those added before and ahead of DNS.
     * @handler php::name_resolver::functions::add
     */
    function swoole_name_resolver_add(\Swoole\NameResolver $ns): bool {}

    /** @handler php::name_resolver::functions::lookup */
    function swoole_name_resolver_lookup(string $name, \Swoole\NameResolver\Context $ctx): string {}

    /** @handler php::name_resolver::functions::remove */
    function swoole_name_resolver_remove(\Swoole\NameResolver $ns): bool {}
}
