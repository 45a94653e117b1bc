<?php

namespace Swoole
{
    /**
     * An object that lives in another process, and is used here as if it were in this one.
     * @userland
     */
    class RemoteObject implements \ArrayAccess, \Stringable, \Iterator, \Countable
    {
        private int $objectId = 0;
        private int $coroutineId;
        private string $clientId;
        private ?\Swoole\RemoteObject\Client $client = null;
        public function __construct($coroutineId, $clientId) {}
        public function __destruct() {}
        public function __call(string $method, array $args) {}
        public function __get(string $property) {}
        public function __set(string $property, mixed $value) {}
        public function __unserialize(array $data): void {}
        public function __serialize(): array {}
        public function __toString(): string {}
        public function __invoke(...$args) {}
        /** @handler php::remote_object::call_function */
        public static function call(\Swoole\RemoteObject\Client $client, string $fn, array $args) {}
        public function getObjectId(): int {}
        public static function create(\Swoole\RemoteObject\Client $client, string $class, array $args): \Swoole\RemoteObject {}
        public static function marshal(int $objectId, int $ownerCoroutineId, string $clientId): \Swoole\RemoteObject {}
        public function offsetGet(mixed $offset): mixed {}
        public function offsetSet(mixed $offset, mixed $value): void {}
        public function offsetUnset(mixed $offset): void {}
        public function offsetExists(mixed $offset): bool {}
        public function current(): mixed {}
        public function next(): void {}
        public function key(): mixed {}
        public function valid(): bool {}
        public function rewind(): void {}
        public function count(): int {}
    }
}

namespace Swoole\RemoteObject
{
    /**
     * One connection to a server of objects.
     * @userland
     */
    class Client
    {
        private ?\Swoole\Coroutine\Http\Client $client = null;
        private ?\Swoole\Coroutine\Channel $turn = null;
        private string $id = '';
        private int $ownerCoroutineId = -1;
        public function __construct(string $host = '127.0.0.1', int $port = 9567, array $options = []) {}
        public function create(string $class, mixed ...$args): \Swoole\RemoteObject {}
        public function call(string $fn, mixed ...$args): mixed {}
        public static function getInstance(string $clientId): ?static {}
        public function getId(): string {}
        public function execute(string $path, array $array) {}
        public function ping(): bool {}
    }

    /**
     * A request to a server of objects, and its response.
     * @userland
     */
    class Context
    {
        public string $clientId;
        public int $coroutineId;
        public \Swoole\Http\Request $request;
        public \Swoole\Http\Response $response;
        public function __construct(\Swoole\Http\Request $request, \Swoole\Http\Response $response) {}
        public function end(array $data): void {}
        public function getHandler(): string {}
        public function getParam(string $name): string {}
        public function getDataParam(string $name): mixed {}
        public function getCoroutineId(): int {}
        public function getClientId(): string {}
    }

    /** What an object needs that stands for a remote one: getObject() gives it. */
    trait ProxyTrait
    {
        public function __call(string $method, array $args) {}
        public function __get(string $property) {}
        public function __set(string $property, mixed $value) {}
        public function __toString(): string {}
        public function __invoke(...$args) {}
        public function offsetGet(mixed $offset): mixed {}
        public function offsetSet(mixed $offset, mixed $value): void {}
        public function offsetUnset(mixed $offset): void {}
        public function offsetExists(mixed $offset): bool {}
        public function current(): mixed {}
        public function next(): void {}
        public function key(): mixed {}
        public function valid(): bool {}
        public function rewind(): void {}
        public function count(): int {}
        abstract protected function getObject(): \Swoole\RemoteObject;
    }

    /**
     * Serves objects: an Http\Server that makes them, calls them and keeps them.
     * @userland
     */
    class Server
    {
        public const DEFAULT_PORT = 9567;
        private ?\Swoole\Http\Server $server = null;
        private array $objects = [];
        private array $allowedClasses = [];
        private array $allowedFunctions = [];
        private ?\Swoole\Atomic\Long $nextObjectId = null;
        private string $apiKey = '';
        public function __construct(string $host = '127.0.0.1', int $port = self::DEFAULT_PORT, array $options = []) {}
        public function start(): bool {}
        public function onStart(): void {}
        public function onRequest(\Swoole\Http\Request $request, \Swoole\Http\Response $response): void {}
    }
}

namespace Swoole\MongoDB
{
    /**
     * MongoDB\Client, run by the default server of remote objects: the driver blocks there, not here.
     * @userland
     */
    class Client implements \Stringable
    {
        public const DEFAULT_URI = 'mongodb://127.0.0.1/';
        protected \Swoole\RemoteObject $client;
        public function __construct(?string $uri = self::DEFAULT_URI, array $uriOptions = [], array $driverOptions = []) {}
        /** @handler php::remote_object::proxy_trait::call */
        public function __call(string $method, array $args) {}
        /** @handler php::remote_object::proxy_trait::get */
        public function __get(string $property) {}
        /** @handler php::remote_object::proxy_trait::set */
        public function __set(string $property, mixed $value) {}
        /** @handler php::remote_object::proxy_trait::to_string */
        public function __toString(): string {}
        /** @handler php::remote_object::proxy_trait::invoke */
        public function __invoke(...$args) {}
        /** @handler php::remote_object::proxy_trait::offset_get */
        public function offsetGet(mixed $offset): mixed {}
        /** @handler php::remote_object::proxy_trait::offset_set */
        public function offsetSet(mixed $offset, mixed $value): void {}
        /** @handler php::remote_object::proxy_trait::offset_unset */
        public function offsetUnset(mixed $offset): void {}
        /** @handler php::remote_object::proxy_trait::offset_exists */
        public function offsetExists(mixed $offset): bool {}
        /** @handler php::remote_object::proxy_trait::current */
        public function current(): mixed {}
        /** @handler php::remote_object::proxy_trait::next */
        public function next(): void {}
        /** @handler php::remote_object::proxy_trait::key */
        public function key(): mixed {}
        /** @handler php::remote_object::proxy_trait::valid */
        public function valid(): bool {}
        /** @handler php::remote_object::proxy_trait::rewind */
        public function rewind(): void {}
        /** @handler php::remote_object::proxy_trait::count */
        public function count(): int {}
        protected function getObject(): \Swoole\RemoteObject {}
    }
}

namespace
{
    /**
     * Starts the default server of remote objects, a daemon of this user, unless one runs already.
     * @handler php::remote_object::daemon::init
     * @userland
     */
    function swoole_init_default_remote_object_server(): void {}

    /**
     * A client of the default server, which is started when it does not answer.
     * @handler php::remote_object::daemon::client
     * @userland
     */
    function swoole_get_default_remote_object_client(): \Swoole\RemoteObject\Client {}
}
