--TEST--
Behind nginx as a proxy, with keep-alive to the server
--FILE--
<?php
require __DIR__ . '/../_lib/http.inc';
$server = TestServer::handler(function ($request, $response) {
    $response->header('X-Fd', (string) $request->fd);
    $response->end($request->header['x-real-ip'] . ' ' . strlen($request->rawContent()));
});
$dir = sys_get_temp_dir() . '/swt-nginx-' . getmypid();
mkdir($dir);
$port = free_port();
file_put_contents("$dir/nginx.conf", "daemon off; master_process off; pid $dir/pid; error_log $dir/error.log; events {}
    http { access_log off; client_body_temp_path $dir/b; proxy_temp_path $dir/p; fastcgi_temp_path $dir/f; uwsgi_temp_path $dir/u; scgi_temp_path $dir/s;
    client_max_body_size 10m;
    upstream app { server 127.0.0.1:$server->port; keepalive 4; }
    server { listen 127.0.0.1:$port; location / { proxy_pass http://app; proxy_http_version 1.1; proxy_set_header Connection ''; proxy_set_header X-Real-IP \$remote_addr; } } }");
$nginx = proc_open(['nginx', '-c', "$dir/nginx.conf", '-p', $dir, '-e', "$dir/error.log"], [['file', '/dev/null', 'r'], ['file', '/dev/null', 'w'], ['file', '/dev/null', 'w']], $pipes);
show(wait_for($port));
$client = new HttpClient("tcp://127.0.0.1:$port");
for ($i = 0; $i < 3; $i++) {
    $client->request('POST', '/', [], str_repeat('x', 10 ** (2 * $i)));
    $reply = $client->reply();
    show($reply->status, $reply->body, $reply->header('X-Fd') !== null);
}
proc_terminate($nginx);
proc_close($nginx);
foreach (glob("$dir/*") as $file) { is_dir($file) ? @rmdir($file) : unlink($file); }
show(rmdir($dir));
?>
--EXPECT--
true
200 127.0.0.1 1 true
200 127.0.0.1 100 true
200 127.0.0.1 10000 true
true
