<?php
require __DIR__ . '/_lib.php';

use Swoole\Coroutine;

Coroutine::set(['max_coroutine' => 100000]);
Coroutine\run(function () {
    $count = 20000;
    $ids = new SplFixedArray($count);
    $before = resident();
    for ($i = 0; $i < $count; $i++) {
        $ids[$i] = Coroutine::create(fn () => Coroutine::yield());
    }
    report('coroutine: resident memory while suspended', (resident() - $before) / $count / 1024, 'KiB');
    foreach ($ids as $id) {
        Coroutine::resume($id);
    }
});
