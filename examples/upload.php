<?php
/**
 * Uploads with a progress bar: open http://127.0.0.1:9505/ and drop files on the page.
 *
 * The body is never in memory: with `http_request_stream` the script reads it as it comes, writes it to disk and
 * hashes it on the way. A client that leaves in the middle leaves no file.
 */
use Swoole\Http\{Request, Response, Server};

const LIMIT = 1 << 30;

$host = getenv('HOST') ?: '127.0.0.1';
$port = (int) (getenv('PORT') ?: 9505);
$directory = getenv('UPLOADS') ?: sys_get_temp_dir() . '/swoole-uploads';
is_dir($directory) || mkdir($directory, 0700, true);

/** Stores the body under a name: what the page is told of it, or a status and a reason. */
function store(Request $request, string $directory): array
{
    // Only the last part, so that a name cannot lead anywhere else.
    $name = basename(str_replace('\\', '/', rawurldecode(substr($request->server['request_uri'], strlen('/files/')))));
    if ($name === '' || $name[0] === '.' || strlen($name) > 200 || str_contains($name, "\0")) {
        return [400, ['error' => 'a file needs a name']];
    }
    if ((int) ($request->header['content-length'] ?? 0) > LIMIT) {
        return [413, ['error' => 'at most ' . LIMIT . ' bytes']];
    }
    $part = tempnam($directory, '.part-');
    $file = fopen($part, 'wb');
    $hash = hash_init('sha256');
    $size = 0;
    try {
        while (($piece = $request->read()) !== '') {
            if ($piece === false) {
                return [400, ['error' => 'the upload was cut off']];
            }
            if (($size += strlen($piece)) > LIMIT) {
                return [413, ['error' => 'at most ' . LIMIT . ' bytes']];
            }
            hash_update($hash, $piece);
            if (fwrite($file, $piece) !== strlen($piece)) {
                return [507, ['error' => 'the disk is full']];
            }
        }
        rename($part, "$directory/$name");
        return [201, ['name' => $name, 'size' => $size, 'sha256' => hash_final($hash)]];
    } finally {
        fclose($file);
        is_file($part) && unlink($part);
    }
}

$server = new Server($host, $port, SWOOLE_BASE);
$server->set(['worker_num' => 1, 'http_request_stream' => true, 'hook_flags' => SWOOLE_HOOK_ALL]);
$server->on('Start', function () use ($host, $port, $directory) {
    echo "uploads on http://$host:$port/, kept in $directory\n";
});
$server->on('Request', function (Request $request, Response $response) use ($directory) {
    $path = $request->server['request_uri'];
    if ($request->getMethod() === 'GET' && $path === '/') {
        $response->sendfile(__DIR__ . '/pages/upload.html');
        return;
    }
    if ($request->getMethod() === 'PUT' && str_starts_with($path, '/files/')) {
        [$status, $body] = store($request, $directory);
    } else {
        [$status, $body] = [404, ['error' => 'nothing here']];
    }
    if ($status >= 400) {
        // The rest of the body is not read any more.
        $response->header('Connection', 'close');
    }
    $response->status($status);
    $response->header('Content-Type', 'application/json');
    $response->end(json_encode($body) . "\n");
});
$server->start();
