--TEST--
swoole_tracer_*: a profile of coroutines, lines whose memory stays, and nothing at all without the settings
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';

show(swoole_tracer_prof_begin(), swoole_tracer_prof_end(temp_path()), swoole_tracer_leak_detect());

$file = temp_path('.json');
$run = run_php(<<<PHP
    final class Work
    {
        public static function slow(int \$n) { Swoole\\Coroutine::sleep(0.01 * \$n); return self::inner(); }
        private static function inner() { usleep(2000); return new ArrayObject; }
    }
    function before() { return swoole_tracer_prof_begin(['root_path' => __DIR__]); }
    var_dump(before(), swoole_tracer_prof_begin());
    Swoole\\Coroutine\\run(function () {
        foreach ([3, 1] as \$n) {
            Swoole\\Coroutine::create(fn () => Work::slow(\$n));
        }
        try {
            (function () { throw new Exception; })();
        } catch (Exception) {
        }
    });
    var_dump(swoole_tracer_prof_end('$file'), swoole_tracer_prof_end('$file'));
    PHP, ['-d', 'swoole.profile=On']);
echo $run->output, $run->errors;
$events = json_decode(file_get_contents($file), true)['traceEvents'];
$names = fn (string $part) => array_values(array_filter($events, fn ($event) => str_starts_with($event['name'], $part)));
$slow = $names('Work::slow (');
show(count($slow), count($names('Work::inner (')), count($names('{closure')), count($names('before')));
show((bool) preg_match('~^Work::slow \(swt-[^/]+\.php:4\)$~', $slow[0]['name']), $slow[0]['ph']);
// Each took its own time, though they were under way together.
usort($slow, fn ($a, $b) => $a['tid'] <=> $b['tid']);
took($slow[0]['dur'] / 1000, 32);
took($slow[1]['dur'] / 1000, 12);
show($slow[0]['tid'] !== $slow[1]['tid'], $slow[1]['ts'] - $slow[0]['ts'] < $slow[0]['dur']);

$run = run_php(<<<'PHP'
    $kept = [];
    for ($n = 0; $n < 100; $n++) {
        $kept[] = str_repeat('x', 1000 + $n);
        $gone = str_repeat('y', 500 + $n);
    }
    swoole_tracer_leak_detect();
    swoole_tracer_leak_detect();
    eval('for ($n = 0; $n < 20; $n++) { $kept[] = new ArrayObject([$n, 1]); }');
    Swoole\Coroutine\run(function () use (&$kept) {
        for ($n = 0; $n < 50; $n++) {
            Swoole\Coroutine::create(function () use (&$kept, $n) { Swoole\Coroutine::sleep(0.001); $kept[] = [$n, random_int(1, 9), 'a' . $n]; });
        }
    });
    unset($gone);
    swoole_tracer_leak_detect(45);
    echo memory_get_usage() > 100000 ? "done\n" : '';
    PHP, ['-d', 'swoole.leak_detection=On']);
echo preg_replace(['~/\S+/swt-[^ :]+~', '~\d+\.\d\d KB~', '~alloc \d\d\d? times~'], ['FILE', 'N KB', 'alloc N times'], $run->output), $run->errors;
show($run->exit);
?>
--EXPECT--
false false null
bool(true)
bool(false)
bool(true)
bool(false)
2 2 4 0
true X
took about 32 ms
took about 12 ms
true true
[Round#0] leak N KB, alloc N times at FILE:4
[Round#2] leak N KB, alloc N times at FILE : eval()'d code:1
[Round#2] leak N KB, alloc N times at FILE:12
done
0
