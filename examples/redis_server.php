<?php
/**
 * A server that speaks Redis' protocol: redis-cli -p 9507
 *
 * Keys live in shared memory, so that every worker sees them. EXPIRE and TTL work; a key that is over goes when it is
 * looked at.
 */
use Swoole\Redis\Server;
use Swoole\Table;

final class Store
{
    private Table $table;

    public function __construct(int $keys, private int $longest)
    {
        $this->table = new Table($keys);
        $this->table->column('value', Table::TYPE_STRING, $longest);
        $this->table->column('until', Table::TYPE_FLOAT);
        $this->table->create();
    }

    public function get(string $key): ?string
    {
        return $this->row($key)['value'] ?? null;
    }

    public function set(string $key, string $value, float $until = 0): ?string
    {
        if (strlen($key) > 63) {
            return 'ERR the key is too long';
        }
        if (strlen($value) > $this->longest) {
            return 'ERR the value is too long';
        }
        return $this->table->set($key, ['value' => $value, 'until' => $until]) ? null : 'OOM no room for another key';
    }

    public function remove(string $key): bool
    {
        return $this->row($key) !== null && $this->table->del($key);
    }

    public function expire(string $key, float $seconds): bool
    {
        return $this->row($key) !== null && $this->table->set($key, ['until' => microtime(true) + $seconds]);
    }

    /** Seconds that are left; -1: no end, -2: no such key. */
    public function left(string $key): int
    {
        $row = $this->row($key);
        return match (true) {
            $row === null => -2,
            $row['until'] == 0 => -1,
            default => (int) ceil($row['until'] - microtime(true)),
        };
    }

    public function keys(string $pattern): array
    {
        $found = [];
        foreach ($this->table as $key => $row) {
            if (fnmatch($pattern, $key) && $this->row($key) !== null) {
                $found[] = $key;
            }
        }
        sort($found);
        return $found;
    }

    private function row(string $key): ?array
    {
        $row = strlen($key) > 63 ? false : $this->table->get($key);
        if ($row && $row['until'] > 0 && $row['until'] <= microtime(true)) {
            $this->table->del($key);
            return null;
        }
        return $row ?: null;
    }
}

$host = getenv('HOST') ?: '127.0.0.1';
$port = (int) (getenv('PORT') ?: 9507);
$store = new Store(4096, 4096);
$server = new Server($host, $port, SWOOLE_BASE);
$server->set(['worker_num' => 1]);

// A command is a name, how many arguments it takes, and what it answers.
$command = function (string $name, int $least, int $most, callable $run) use ($server) {
    $server->setHandler($name, function (int $fd, array $arguments) use ($server, $name, $least, $most, $run) {
        $count = count($arguments);
        $reply = $count < $least || $count > $most
            ? Server::format(Server::ERROR, "ERR wrong number of arguments for '$name' command")
            : $run(...$arguments);
        $server->send($fd, $reply);
    });
};
$text = fn (?string $value) => $value === null ? Server::format(Server::NIL) : Server::format(Server::STRING, $value);
$number = fn (int $value) => Server::format(Server::INT, $value);
$done = fn (?string $error) => $error === null ? Server::format(Server::STATUS, 'OK') : Server::format(Server::ERROR, $error);

$command('ping', 0, 1, fn (string $say = '') => $say === '' ? Server::format(Server::STATUS, 'PONG') : $text($say));
$command('echo', 1, 1, $text);
$command('get', 1, 1, fn ($key) => $text($store->get($key)));
$command('set', 2, 4, function ($key, $value, $unit = '', $time = '') use ($store, $done) {
    $until = match (strtolower($unit)) {
        '' => 0.0,
        'ex' => (float) $time,
        'px' => (float) $time / 1000,
        default => -1.0,
    };
    if ($until < 0 || ($unit !== '' && $until == 0)) {
        return Server::format(Server::ERROR, 'ERR syntax error');
    }
    return $done($store->set($key, $value, $until > 0 ? microtime(true) + $until : 0));
});
$command('del', 1, PHP_INT_MAX, fn (...$keys) => $number(count(array_filter(array_unique($keys), $store->remove(...)))));
$command('exists', 1, PHP_INT_MAX, fn (...$keys) => $number(count(array_filter($keys, fn ($key) => $store->get($key) !== null))));
$command('incr', 1, 1, function ($key) use ($store, $number) {
    $value = $store->get($key) ?? '0';
    if (!preg_match('/^-?\d{1,18}$/', $value)) {
        return Server::format(Server::ERROR, 'ERR value is not an integer or out of range');
    }
    $store->set($key, (string) ((int) $value + 1));
    return $number((int) $value + 1);
});
$command('expire', 2, 2, fn ($key, $seconds) => $number((int) $store->expire($key, (float) $seconds)));
$command('ttl', 1, 1, fn ($key) => $number($store->left($key)));
$command('keys', 1, 1, fn ($pattern) => Server::format(Server::SET, $store->keys($pattern)));
$command('mget', 1, PHP_INT_MAX, fn (...$keys) => Server::format(Server::SET, array_map($store->get(...), $keys)));

$server->on('Start', function () use ($host, $port) {
    echo "redis-cli -h $host -p $port\n";
});
$server->start();
