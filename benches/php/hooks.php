<?php
/** What hooks cost a call that is made outside of coroutines: the same calls with all hooks off and on, in turns. */

require __DIR__ . '/_lib.php';

[$near, $far] = stream_socket_pair(STREAM_PF_UNIX, STREAM_SOCK_STREAM, 0);
stream_set_read_buffer($far, 0);
$server = stream_socket_server('tcp://127.0.0.1:0');
$client = stream_socket_client('tcp://' . stream_socket_get_name($server, false));
$peer = stream_socket_accept($server);
stream_set_read_buffer($peer, 0);
$file = tempnam(sys_get_temp_dir(), 'bench');
file_put_contents($file, str_repeat('x', 4096));
$calls = [
    'socket write and read' => function () use ($near, $far) {
        fwrite($near, 'x');
        fread($far, 1);
    },
    'TCP write and read' => function () use ($client, $peer) {
        fwrite($client, 'x');
        fread($peer, 1);
    },
    'file_get_contents, 4 KB' => fn () => file_get_contents($file),
    'stat' => function () use ($file) {
        clearstatcache();
        filesize($file);
    },
];
const TIMES = 20_000;
const TURNS = 15;

foreach ($calls as $name => $call) {
    $ratios = $costs = [];
    for ($turn = 0; $turn < TURNS; $turn++) {
        $cost = [];
        // Who comes first changes: the machine may get slower or faster meanwhile.
        foreach ($turn % 2 ? [0, SWOOLE_HOOK_ALL] : [SWOOLE_HOOK_ALL, 0] as $flags) {
            Swoole\Runtime::setHookFlags($flags);
            for ($i = 0; $i < 1000; $i++) {
                $call();
            }
            $begin = cpu();
            for ($i = 0; $i < TIMES; $i++) {
                $call();
            }
            $cost[$flags] = (cpu() - $begin) / TIMES;
        }
        $ratios[] = $cost[SWOOLE_HOOK_ALL] / $cost[0];
        $costs[] = $cost[SWOOLE_HOOK_ALL];
    }
    sort($ratios);
    sort($costs);
    report("hooked, outside of coroutines: $name", $costs[intdiv(TURNS, 2)] * 1e9, 'ns');
    report("the same, of what it costs unhooked: $name", $ratios[intdiv(TURNS, 2)] * 100, '%');
}
unlink($file);
