--TEST--
Server\Helper: options that nobody knows, statistics in a file in three forms
--FILE--
<?php
require __DIR__ . '/../_lib/server.inc';
use Swoole\Server\Helper;

set_error_handler(function ($level, $text, $file) {
    show($level === E_USER_WARNING, $text, basename($file));
    return true;
});
ob_start();
Helper::checkOptions(['worker_num' => 1, 'WORKER_NUM' => 1, 'package_eof' => '', 'hook_flags' => 0, 'stats_file' => '', 'no_such' => 1, 7 => 1]);
$said = ob_get_clean();
echo preg_replace('~^#.*\n~m', '', $said);
show(preg_match_all('~^#0 .*checkOptions~m', $said));
$server = new Swoole\Server('127.0.0.1', free_port());
ob_start();
show($server->set(['worker_num' => 1, 'typo' => 1]));
echo preg_replace('~^#.*\n~m', '', ob_get_clean());
show($server->ports[0]->setting);
ob_start();
$server->ports[0]->set(['opne_eof_check' => true]);
echo preg_replace('~^#.*\n~m', '', ob_get_clean());
restore_error_handler();
unset($server);
gc_collect_cycles();

foreach (['.json', '.php', '.txt'] as $kind) {
    $file = temp_path($kind);
    $served = Served::start(
        function (Swoole\Server $server) {
            $server->on('Receive', fn ($server, $fd) => $server->send($fd, getmypid() . "\n"));
        },
        ['stats_file' => $file, 'stats_timer_interval' => 20, 'worker_num' => 2],
    );
    $served->ask('x');
    $read = fn () => match ($kind) {
        '.json' => json_decode((string) @file_get_contents($file), true),
        '.php' => is_file($file) ? include $file : null,
        '.txt' => is_file($file) && preg_match('~^accept_count: (\d+)$~m', file_get_contents($file), $found) ? ['accept_count' => (int) $found[1]] : null,
    };
    show($kind, eventually(fn () => ($read()['accept_count'] ?? 0) >= 1));
    show($served->child->stop(), count(glob("$file.*")));
}
?>
--EXPECT--
true unsupported option [no_such] Helper.php
true unsupported option [7] Helper.php
2
true unsupported option [typo] Helper.php
true
{"worker_num":1,"typo":1}
true unsupported option [opne_eof_check] Helper.php
.json true
exit 0 0
.php true
exit 0 0
.txt true
exit 0 0
