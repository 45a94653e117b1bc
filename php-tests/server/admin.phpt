--TEST--
Server\Admin: the HTTP server of admin_server, its commands in each process, tokens, refusals
--FILE--
<?php
require __DIR__ . '/../_lib/server.inc';
use Swoole\Server;
use Swoole\Server\Admin;

class Shown
{
    const LIST = [1];
    public static $shared = ['x' => 1];
    protected ?int $own = 3;
    public static function make(int|string $a, array &$b = [], ...$c): ?self { return null; }
}
function shown(string $text = 'a') {}

function api(int $port, string $path, ?string $post = null, array $headers = []): array
{
    $options = ['ignore_errors' => true, 'timeout' => 10, 'header' => $headers, 'protocol_version' => '1.1'];
    $headers[] = 'Connection: close';
    $options['header'] = $headers;
    if ($post !== null) {
        $options['header'][] = 'Content-Type: application/x-www-form-urlencoded';
        $options += ['method' => 'POST', 'content' => $post];
    }
    $body = file_get_contents("http://127.0.0.1:$port$path", false, stream_context_create(['http' => $options]));
    return [(int) explode(' ', $http_response_header[0])[1], json_decode($body, true) ?? $body];
}

both_modes(function (int $mode) {
    $admin = free_port();
    $served = Served::start(function (Server $server) {
        $server->on('Receive', fn ($server, $fd) => $server->send($fd, "$fd\n"));
        $server->on('Task', fn () => null);
    }, ['worker_num' => 2, 'task_worker_num' => 1, 'reactor_num' => 2, 'admin_server' => "me:secret@127.0.0.1:$admin"], $mode);
    wait_for($admin);
    $token = ['X-Admin-Server-Access-Token: ' . sha1('mesecret')];
    $ask = fn (string $path, ?string $post = null) => api($admin, $path, $post, $token);
    $data = fn (string $path, ?string $post = null) => $ask($path, $post)[1]['data'] ?? null;

    show(api($admin, '/api/server_stats'), api($admin, '/api/server_stats', null, ['X-Admin-Server-Access-Token: ' . sha1('wrong!')])[0]);
    show($ask('/api'), $ask('/api/a/b/c')[0], $ask('/api/server_stats/nobody'), api($admin, '/elsewhere')[0]);
    show($ask('/api/server_reload')[1], $ask('/api/multi'));
    show($ask('/api/no_such_command')[1]);

    // Each process tells of itself.
    $all = array_map(fn ($answer) => $answer['data']['pid'] ?? null, $data('/api/getpid/all'));
    show(array_keys($all), count(array_unique($all)), !in_array(null, $all, true));
    show(array_keys($data('/api/getpid/all_worker')), array_keys($data('/api/getpid/all_task')));
    show($data('/api/getpid/worker-1')['pid'] === $all['worker-1'], $data('/api/getpid/task_worker-0')['pid'] === $all['task_worker-0']);
    $some = $data('/api/getpid/specific', http_build_query(['workers' => ['worker-0', 'manager', 'who']]));
    show(array_keys($some), $some['worker-0']['data']['pid'] === $all['worker-0'], $some['who']);
    show($data('/api/get_worker_info/worker-1')['id'], $data('/api/get_worker_info/worker-1')['process_status']['Pid'] == $all['worker-1']);

    // What the server does and has.
    $socket = $served->connect();
    fwrite($socket, "x\n");
    $fd = (int) fgets($socket);
    show($data('/api/server_stats')['connection_num'], $data('/api/server_setting')['worker_num'], $data('/api/server_setting')['port'] === $served->port);
    $ports = $data('/api/get_all_ports');
    show(count($ports), $ports[0]['port'] === $served->port, $ports[0]['protocols'], $ports[0]['connection_num']);
    show($data("/api/get_client_info?session_id=$fd")['remote_ip'], $ask('/api/get_client_info')[1]);
    $kind = $mode === SWOOLE_BASE ? 'worker' : 'reactor';
    $lists = $data("/api/get_connections/all_$kind");
    show(count($lists), array_merge(...array_map(fn ($answer) => array_column($answer['data'] ?? [], 'session_id'), array_values($lists))) === [$fd]);
    show($data("/api/get_connection_info/$kind-0?session_id=$fd")['address'] ?? null, $ask("/api/get_connection_info/$kind-0?session_id=999")[1]);
    show(count($data('/api/get_all_commands')) > 40, $data('/api/get_memory_info')['php_memory'] > 0, $data('/api/get_manager_info/manager')['pid'] === $all['manager']);
    $sockets = $data('/api/get_all_sockets');
    show(in_array($served->port, array_column(array_filter($sockets, fn ($one) => $one['listening']), 'port')));
    $usage = $data('/api/get_server_memory_usage');
    show($usage['worker-0'] > 0, $usage['manager'] > 0, $usage['total'] > $usage['worker-1'], $usage['memory_size'] > 0, ($usage['master'] > 0) === ($mode === SWOOLE_PROCESS));
    show(isset($data('/api/get_server_cpu_usage')['worker-1']), $data('/api/get_version_info')['php'] === PHP_VERSION);

    // The program.
    $class = $data('/api/get_class_info/worker-1?class_name=Shown');
    show(array_column($class['constants'], 'name'), array_column($class['staticProperties'], 'value'), $class['properties'], array_column($class['staticMethods'], 'modifiers'));
    show($ask('/api/get_class_info?class_name=Nothing')[1], $ask('/api/get_class_info')[1]['code']);
    $function = $data('/api/get_function_info?class_name=Shown&function_name=make');
    show(array_column($function['params'], 'full'), $function['is_static'], basename($function['filename']));
    show(array_column($data('/api/get_function_info?function_name=shown')['params'], 'full'), $ask('/api/get_function_info?function_name=nope')[1]);
    show(preg_replace('~\s+~', ' ', $data('/api/get_static_property_value?class_name=Shown&property_name=shared')['value']));
    show(in_array('Shown', array_column($data('/api/get_declared_classes'), 'class')), in_array('shown', array_column($data('/api/get_defined_functions')['user'], 'function')));
    show(in_array(__FILE__, $data('/api/get_included_files')['files']), strlen($data('/api/get_included_file_contents?filename=' . urlencode(__FILE__))) === filesize(__FILE__), $ask('/api/get_included_file_contents?filename=/etc/passwd')[1]);
    $objects = $data('/api/get_objects/worker-1');
    $server = array_values(array_filter($objects, fn ($object) => $object['class'] === Server::class))[0];
    show($server['memory_size'] > 56, str_contains($data("/api/get_object_by_handle/worker-1?object_id={$server['id']}&object_hash={$server['hash']}"), 'Swoole\Server Object'), $ask('/api/get_object_by_handle?object_id=1&object_hash=x')[1]);
    show(in_array('swoole', array_column($data('/api/get_loaded_extensions'), 'name')), $data('/api/get_extension_info?extension_name=swoole')['version'] === SWOOLE_VERSION, $data('/api/get_defined_constants')['SWOOLE_BASE']);
    show(is_array($data('/api/get_globals')), isset($data('/api/gc_status')['runs']), $data('/api/memory_usage/worker-0')['usage'] > 0, is_array($data('/api/get_resources')), is_array($data('/api/get_timer_list/worker-0')));
    show(count($data('/api/get_coroutine_list')) > 0, isset($data('/api/coroutine_stats')['coroutine_num']), count($data('/api/coroutine_list')) > 0, $ask('/api/coroutine_bt?cid=99999')[1]);
    show(in_array('Traversable', $data('/api/get_declared_interfaces')), is_array($data('/api/get_declared_traits')), $ask('/api/get_composer_packages')[1]['code']);

    $multi = json_encode(['one' => ['path' => '/api/getpid/worker-1'], 'two' => ['path' => '/api/getpid/all_task'], 'three' => ['path' => '/api/x/y/z'],
        'four' => ['path' => '/api/get_class_info/worker-0?x=1', 'post' => ['class_name' => 'Shown']]]);
    $multi = api($admin, '/api/multi', $multi, [...$token, 'Content-Type: application/json'])[1];
    show($multi['one']['data']['pid'] === $all['worker-1'], array_keys($multi['two']['data']), $multi['three'], $multi['four']['code']);

    show($ask("/api/close_session" . ($mode === SWOOLE_BASE ? '/worker-' . array_search([$fd], array_map(fn ($answer) => array_column($answer['data'] ?? [], 'session_id'), array_values($lists))) : ''), "session_id=$fd")[1], fgets($socket));
    show($ask('/api/server_reload', '')[1]);
    show(eventually(fn () => $mode === SWOOLE_BASE || ($data('/api/getpid/worker-1')['pid'] ?? $all['worker-1']) !== $all['worker-1']));
    show($mode === SWOOLE_BASE ? $served->child->stop() : [$ask('/api/server_shutdown', '')[1]['code'] ?? 0, $served->child->wait()]);
});

$server = new Server('127.0.0.1', free_port());
show(Admin::getAccessToken(), Admin::handlerGetClassInfo($server, 'no json'), json_decode(Admin::handlerGetClassInfo($server, '{"class_name":"Shown"}'), true)['code']);
?>
--EXPECT--
-- base
[403,{"code":4003,"data":"Bad access token"}] 403
[403,{"code":4003,"data":"Bad API path"}] 403 [403,{"code":4003,"data":"Bad process"}] 404
{"code":4003,"data":"Bad request method"} [403,{"code":4003,"data":"Bad process"}]
{"code":9012,"data":"Server invalid command"}
["master","manager","worker-0","worker-1","task_worker-0"] 4 true
["worker-0","worker-1"] ["task_worker-0"]
true true
["worker-0","manager","who"] true []
1 true
1 2 true
1 true ["raw"] 1
127.0.0.1 {"code":4003,"data":"require session_id"}
2 true
127.0.0.1 {"code":4004,"data":"connection not exists"}
true true true
true
true true true true true
true true
["LIST"] [{"x":1}] [{"name":"own","value":3,"modifiers":"protected"}] ["public static"]
{"code":4003,"data":"Nothing not exists"} 4004
["string|int $a","?array &$b = []","...$c"] true admin.php
["?string $text = 'a'"] {"code":4004,"data":"nope not exists"}
Array ( [x] => 1 ) 
true true
true true {"code":4003,"data":"no permission"}
true true {"code":4004,"data":{"error":"Object destroyed!"}}
true true 1
true true true true true
true true true {"code":4004,"data":"Coroutine#99999 not exists"}
true true 4003
true ["task_worker-0"] [] 0
{"code":0,"data":[]} false
{"code":0,"data":"Operation succeeded"}
true
exit 0
-- process
[403,{"code":4003,"data":"Bad access token"}] 403
[403,{"code":4003,"data":"Bad API path"}] 403 [403,{"code":4003,"data":"Bad process"}] 404
{"code":4003,"data":"Bad request method"} [403,{"code":4003,"data":"Bad process"}]
{"code":9012,"data":"Server invalid command"}
["master","manager","worker-0","worker-1","task_worker-0"] 5 true
["worker-0","worker-1"] ["task_worker-0"]
true true
["worker-0","manager","who"] true []
1 true
1 2 true
1 true ["raw"] 1
127.0.0.1 {"code":4003,"data":"require session_id"}
2 true
127.0.0.1 {"code":4004,"data":"connection not exists"}
true true true
true
true true true true true
true true
["LIST"] [{"x":1}] [{"name":"own","value":3,"modifiers":"protected"}] ["public static"]
{"code":4003,"data":"Nothing not exists"} 4004
["string|int $a","?array &$b = []","...$c"] true admin.php
["?string $text = 'a'"] {"code":4004,"data":"nope not exists"}
Array ( [x] => 1 ) 
true true
true true {"code":4003,"data":"no permission"}
true true {"code":4004,"data":{"error":"Object destroyed!"}}
true true 1
true true true true true
true true true {"code":4004,"data":"Coroutine#99999 not exists"}
true true 4003
true ["task_worker-0"] [] 0
{"code":0,"data":[]} false
{"code":0,"data":"Operation succeeded"}
true
[0,"exit 0"]
 {"code":4004,"data":{"error":"require class_name or interface_name"}} 0
