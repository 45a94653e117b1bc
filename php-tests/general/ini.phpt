--TEST--
The swoole.* settings, their defaults and where they may be set
--FILE--
<?php
foreach (ini_get_all('swoole') as $name => $entry) {
    echo $name, ' = ', $entry['global_value'], ' ', ['', 'user', '', '', 'system', '', '', 'all'][$entry['access']], "\n";
}
var_dump(@ini_set('swoole.use_shortname', '0'), ini_set('swoole.display_errors', '0'), ini_get('swoole.display_errors'));
?>
--EXPECT--
swoole.blocking_detection = Off system
swoole.blocking_threshold = 100000 system
swoole.display_errors = On all
swoole.enable_fiber_mock = Off all
swoole.enable_library = On all
swoole.enable_preemptive_scheduler = Off all
swoole.leak_detection = Off system
swoole.profile = Off system
swoole.socket_buffer_size = 8388608 all
swoole.use_shortname = On system
bool(false)
string(2) "On"
string(1) "0"
