--TEST--
The machine: processors, addresses, the process title
--FILE--
<?php
var_dump(swoole_cpu_num() === (int) shell_exec('getconf _NPROCESSORS_ONLN'));
putenv('SWOOLE_CPU_NUM=7');
var_dump(is_int(swoole_container_cpu_num()), is_bool(swoole_is_in_container()));
foreach (swoole_get_local_ip() as $name => $address) {
    if (filter_var($address, FILTER_VALIDATE_IP, FILTER_FLAG_IPV4) === false || str_starts_with($address, '127.')) {
        echo "$name: $address\n";
    }
}
foreach (swoole_get_local_ip(10) as $name => $address) {
    if (filter_var($address, FILTER_VALIDATE_IP, FILTER_FLAG_IPV6) === false || $address === '::1') {
        echo "$name: $address\n";
    }
}
foreach (swoole_get_local_mac() as $name => $address) {
    if (file_get_contents("/sys/class/net/$name/address") !== strtolower($address) . "\n") {
        echo "$name: $address\n";
    }
}
var_dump(swoole_set_process_name('swoole-rs title'), str_starts_with(file_get_contents('/proc/self/cmdline'), 'swoole-rs title'));
var_dump(swoole_hashcode('abc', 1), swoole_hashcode('abc') === swoole_hashcode('abc'), swoole_hashcode('abc', 2));
?>
--EXPECT--
bool(true)
bool(true)
bool(true)
bool(true)
bool(true)
int(3977453403)
bool(true)
bool(false)
