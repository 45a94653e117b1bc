--TEST--
A path that goes on below a file is the script's; Accept-Encoding: * asks for nothing in particular
--FILE--
<?php
require __DIR__ . '/../_lib/http.inc';
$root = temp_path();
mkdir($root);
file_put_contents("$root/a.txt", 'file');
$server = TestServer::handler(
    fn ($request, $response) => $response->end(str_repeat('script ', 20)),
    ['enable_static_handler' => true, 'document_root' => $root],
);
show($server->get('/a.txt')->body, substr($server->get('/a.txt/')->body, 0, 6));
foreach (['*', 'gzip, *', '*;q=0'] as $accepted) {
    show($accepted, $server->get('/', ['Accept-Encoding' => $accepted])->header('content-encoding'));
}
unlink("$root/a.txt");
rmdir($root);
?>
--EXPECT--
file script
* null
gzip, * gzip
*;q=0 null
