<?php
require __DIR__ . '/_lib.php';

use Swoole\{Atomic, Table};

$atomic = new Atomic;
bench('atomic: add', 5000000, function (int $n) use ($atomic) {
    while ($n-- > 0) {
        $atomic->add();
    }
});

if (class_exists(Table::class)) {
    $table = new Table(65536);
    $table->column('name', Table::TYPE_STRING, 32);
    $table->column('count', Table::TYPE_INT);
    $table->create();
    $keys = [];
    for ($i = 0; $i < 10000; $i++) {
        $keys[] = "key-$i";
    }
    $each = function (callable $body) use ($keys) {
        return function (int $n) use ($body, $keys) {
            for ($done = 0; $done < $n; $done += 10000) {
                foreach ($keys as $key) {
                    $body($key);
                }
            }
        };
    };
    bench('table: set', 1000000, $each(fn ($key) => $table->set($key, ['name' => 'value', 'count' => 1])));
    bench('table: get', 1000000, $each(fn ($key) => $table->get($key)));
    bench('table: incr', 1000000, $each(fn ($key) => $table->incr($key, 'count')));
}
