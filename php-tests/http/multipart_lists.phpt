--TEST--
Multipart: each file of a list is one element of it, at any depth
--FILE--
<?php
require __DIR__ . '/../_lib/http.inc';
$server = TestServer::handler(function ($request, $response) {
    $files = $request->files;
    array_walk_recursive($files, function (&$value, $key) {
        $value = $key === 'tmp_name' ? file_get_contents($value) : $value;
    });
    $response->end(json_encode($files, JSON_UNESCAPED_SLASHES | JSON_PRETTY_PRINT));
});
$part = fn (string $name, string $file) => "--XX\r\nContent-Disposition: form-data; name=\"$name\"; filename=\"$file\"\r\n"
    . "Content-Type: text/plain\r\n\r\n<$file>\r\n";
$body = $part('one', 'a') . $part('list[]', 'b') . $part('list[]', 'c') . $part('map[k]', 'd') . $part('map[deep][]', 'e') . "--XX--\r\n";
$answer = json_decode($server->get('/', ['Content-Type' => 'multipart/form-data; boundary=XX'], 'POST', $body)->body, true);
$brief = function (array $file) use (&$brief) {
    return isset($file['tmp_name']) && is_string($file['tmp_name'])
        ? implode(' ', [$file['name'], $file['type'], $file['tmp_name'], $file['error'], $file['size']])
        : array_map($brief, $file);
};
echo json_encode(array_map($brief, $answer), JSON_UNESCAPED_SLASHES | JSON_PRETTY_PRINT), "\n";
?>
--EXPECT--
{
    "one": "a text/plain <a> 0 3",
    "list": [
        "b text/plain <b> 0 3",
        "c text/plain <c> 0 3"
    ],
    "map": {
        "k": "d text/plain <d> 0 3",
        "deep": [
            "e text/plain <e> 0 3"
        ]
    }
}
