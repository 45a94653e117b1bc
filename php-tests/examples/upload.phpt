--TEST--
examples/upload.php in Chromium: two files with their progress, what is stored is what was sent; and what is refused
--FILE--
<?php
require __DIR__ . '/../_lib/example.inc';
require __DIR__ . '/../_lib/browser.inc';
$directory = temp_path();
mkdir($directory);
$example = new Example('upload', ['UPLOADS' => $directory]);
$browser = new Browser;
$browser->open($example->url());
$big = "$directory.big";
$small = "$directory.small";
file_put_contents($big, random_bytes(1 << 20));
for ($i = 1; $i < 24; $i++) {
    file_put_contents($big, str_repeat(chr($i), 1 << 20), FILE_APPEND);
}
file_put_contents($small, 'small');
// Every value that the bar has had.
$browser->run(<<<'JS'
    window.seen = [];
    const native = XMLHttpRequest.prototype.send;
    XMLHttpRequest.prototype.send = function (file) {
        this.upload.addEventListener("progress", () => seen.push(document.querySelector("li:last-child progress").value));
        native.call(this, file);
    };
    JS);
$browser->type('#files', "$big\n$small");
$browser->wait('document.querySelectorAll("li.done").length === 2', 60);
$hashes = $browser->run('return [...document.querySelectorAll("li .note")].map(note => note.innerText.replace("stored · sha256 ", ""))');
show($hashes === [hash_file('sha256', $small), hash_file('sha256', $big)]);
show($browser->run('return [...document.querySelectorAll("li .size")].map(size => size.innerText)'));
show(hash_file('sha256', "$directory/" . basename($big)) === $hashes[1], file_get_contents("$directory/" . basename($small)));
show($browser->run('return seen.at(-1) === 1 && seen.every((value, n) => n === 0 || value >= seen[n - 1])'));
if ($picture = getenv('PICTURES')) {
    file_put_contents("$picture/upload.png", $browser->picture());
}
$browser->quit();

$put = fn (string $path, string ...$more) => run_command(['curl', '-s', '-m', '20', '--path-as-is', '-X', 'PUT', ...$more, $example->url($path)])->output;
echo $put('/files/..%2F..%2Fescape', '-d', 'x');
show(is_file("$directory/escape"), is_file(dirname($directory) . '/escape'));
echo $put('/files/.hidden', '-d', 'x'), $put('/files/', '-d', 'x'), $put('/other', '-d', 'x');
echo $put('/files/huge', '-H', 'Content-Length: 2000000000', '-d', 'x');
// One that leaves in the middle leaves nothing behind.
$socket = stream_socket_client("tcp://127.0.0.1:$example->port");
fwrite($socket, "PUT /files/half HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\nhalf");
show(eventually(fn () => glob("$directory/.part-*") !== []));
fclose($socket);
show(eventually(fn () => glob("$directory/.part-*") === []), is_file("$directory/half"));
$example->stop();
array_map(unlink(...), [$big, $small, ...glob("$directory/*")]);
rmdir($directory);
?>
--EXPECT--
true
["5 bytes","25 MB"]
true small
true
{"name":"escape","size":1,"sha256":"2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"}
true false
{"error":"a file needs a name"}
{"error":"a file needs a name"}
{"error":"nothing here"}
{"error":"at most 1073741824 bytes"}
true
true false
