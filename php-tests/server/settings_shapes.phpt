--TEST--
Server::set(): values of a kind that means nothing, before any is applied
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
$settings = [
    "'package_max_length' => 'x'", "'socket_buffer_size' => '2X'", "'http_compression_types' => 'text/html'", "'http_index_files' => 'index.html'",
    "'static_handler_locations' => '/a'", "'url_rewrite_rules' => 1", "'upload_tmp_dir' => '/proc/none'",
    "'dispatch_func' => 'nofn'", "'package_length_func' => 'nofn'", "'package_length_func' => []",
    "'dispatch_mode' => 99", "'package_max_length' => ' 2m', 'socket_buffer_size' => '', 'upload_max_filesize' => '1G'",
];
foreach ($settings as $setting) {
    $run = run_php('$s = new Swoole\Http\Server("127.0.0.1", 0, SWOOLE_BASE); var_dump($s->set([' . $setting . ']));');
    echo $setting, ': ', preg_replace('/ in \/\S+ on line \d+/', '', trim($run->output)), "\n";
}
$dir = temp_path('/made');
run_php('(new Swoole\Http\Server("127.0.0.1", 0, SWOOLE_BASE))->set(["upload_tmp_dir" => "' . $dir . '"]);');
show(is_dir($dir), rmdir($dir), rmdir(dirname($dir)));
?>
--EXPECT--
'package_max_length' => 'x': Fatal error: Swoole\Server::set(): failed to parse 'x' to size, Error: Invalid quantity "x": no valid leading digits, interpreting as "0" for backwards compatibility
'socket_buffer_size' => '2X': Fatal error: Swoole\Server::set(): failed to parse '2X' to size, Error: Invalid quantity "2X": unknown multiplier "X", interpreting as "2" for backwards compatibility
'http_compression_types' => 'text/html': Fatal error: Swoole\Server::set(): http_compression_types must be array
'http_index_files' => 'index.html': Fatal error: Swoole\Server::set(): http_index_files must be array
'static_handler_locations' => '/a': Fatal error: Swoole\Server::set(): static_handler_locations num must be array
'url_rewrite_rules' => 1: Fatal error: Swoole\Server::set(): The `url_rewrite_rules` must be array
'upload_tmp_dir' => '/proc/none': Fatal error: Swoole\Server::set(): Unable to create upload_tmp_dir[/proc/none]
'dispatch_func' => 'nofn': Warning: Swoole\Server::set(): function 'nofn' is not callable
bool(true)
'package_length_func' => 'nofn': Warning: Swoole\Server\Port::set(): function 'nofn' is not callable
bool(true)
'package_length_func' => []: Warning: Swoole\Server\Port::set(): illegal callback function
bool(true)
'dispatch_mode' => 99: bool(true)
'package_max_length' => ' 2m', 'socket_buffer_size' => '', 'upload_max_filesize' => '1G': bool(true)
true true true
