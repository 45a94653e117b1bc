--TEST--
Records that nginx writes are read, and nginx reads ours
--SKIPIF--
<?php is_executable('/usr/sbin/nginx') or die('skip no nginx'); ?>
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine\Server;
use Swoole\FastCGI\FrameParser;
use Swoole\FastCGI\Record\{EndRequest, Params, Stdin, Stdout};
use function Swoole\Coroutine\{go, run};
$port = free_port();
$dir = temp_path('.d');
mkdir($dir);
chmod($dir, 0777);
run(function () use ($port, $dir) {
    $server = new Server('127.0.0.1');
    $server->set(['open_fastcgi_protocol' => true]);
    $server->handle(function ($connection) {
        [$params, $body] = [[], ''];
        while (($packet = $connection->recv()) != '') {
            $record = FrameParser::parseFrame($packet);
            if ($record instanceof Params && $record->getContentLength() > 0) {
                $params += $record->getValues();
            } elseif ($record instanceof Stdin) {
                $body .= $record->getContentData();
                if ($record->getContentLength() === 0) {
                    $answer = "Content-Type: text/plain\r\n\r\n$params[REQUEST_METHOD] $params[URI] " . strlen($body) . ' ' . md5($body) . ' ' . strlen($params['LONG']);
                    $connection->send(new Stdout($answer) . new Stdout('') . new EndRequest);
                    break;
                }
            }
        }
        $connection->close();
    });
    go(fn () => $server->start());
    file_put_contents("$dir/nginx.conf", "daemon off; master_process off; pid $dir/pid; error_log $dir/error.log;
        events { } http { access_log off; client_max_body_size 10m; client_body_temp_path $dir/b; fastcgi_temp_path $dir/f; proxy_temp_path $dir/p;
        uwsgi_temp_path $dir/u; scgi_temp_path $dir/s;
        server { listen 127.0.0.1:$port; location / { fastcgi_pass 127.0.0.1:$server->port;
        fastcgi_param REQUEST_METHOD \$request_method; fastcgi_param URI \$request_uri; fastcgi_param LONG " . str_repeat('l', 300) . '; } } }');
    $nginx = proc_open(['/usr/sbin/nginx', '-p', $dir, '-c', "$dir/nginx.conf", '-e', "$dir/error.log"], [['file', '/dev/null', 'r'], ['file', "$dir/out", 'w'], ['file', "$dir/out", 'w']], $pipes);
    show(wait_for($port));
    foreach (['', 'small', str_repeat('0123456789', 30000)] as $body) {
        $context = stream_context_create(['http' => ['method' => $body === '' ? 'GET' : 'POST', 'content' => $body, 'header' => 'Content-Type: text/plain']]);
        $expected = ($body === '' ? 'GET' : 'POST') . ' /a/b?c=d ' . strlen($body) . ' ' . md5($body) . ' 300';
        show(file_get_contents("http://127.0.0.1:$port/a/b?c=d", false, $context) === $expected);
    }
    proc_terminate($nginx);
    proc_close($nginx);
    $server->shutdown();
});
(function ($path) {
    foreach (new RecursiveIteratorIterator(new RecursiveDirectoryIterator($path, FilesystemIterator::SKIP_DOTS), RecursiveIteratorIterator::CHILD_FIRST) as $file) {
        $file->isDir() ? rmdir($file) : unlink($file);
    }
    rmdir($path);
})($dir);
?>
--EXPECT--
true
true
true
true
