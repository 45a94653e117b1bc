--TEST--
file_put_contents() on a file with content: new content, length, inode and errors are those of a truncated file
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use function Swoole\Coroutine\{go, run};
$dir = temp_path();
mkdir($dir);
$file = "$dir/file";
$put = function (mixed $data, int $flags = 0, int $before = 5000) use ($file): void {
    clearstatcache();
    file_put_contents($file, str_repeat('o', $before));
    clearstatcache();
    $inode = fileinode($file);
    touch($file, 1000);
    $answer = file_put_contents($file, $data, $flags);
    clearstatcache();
    $now = file_get_contents($file);
    echo json_encode($answer), ' ', filesize($file), ' ', strlen($now), ' ', md5($now), ' ',
        $inode === fileinode($file) ? 'same file' : 'another', ' ', filemtime($file) > 1000 ? 'touched' : 'not touched', "\n";
};
$cases = function () use ($put, $file, $dir): string {
    ob_start();
    $put('short');
    $put(str_repeat('long', 5000));
    $put(str_repeat('s', 5000));
    $put('');
    $put(str_repeat('x', 300_000));
    $put('locked', LOCK_EX);
    $put('appended', FILE_APPEND);
    $put(['a', 'list', 'of parts']);
    $put(12345);
    $put(true);
    $source = fopen('php://memory', 'w+');
    fwrite($source, 'from a stream');
    rewind($source);
    $put($source);
    $put('into nothing', 0, 0);
    // A handle that is open sees the new content, and only that.
    file_put_contents($file, str_repeat('o', 100));
    $open = fopen($file, 'r');
    $other = fopen($file, 'r+');
    file_put_contents($file, 'new');
    var_dump(stream_get_contents($open), fstat($other)['size']);
    fclose($open);
    fclose($other);
    // What goes through another wrapper is that one's.
    file_put_contents("file://$file", 'by its URL');
    var_dump(file_get_contents($file));
    file_put_contents("php://filter/write=string.rot13/resource=$file", 'rot');
    var_dump(file_get_contents($file));
    // A longer file that is not fully written over, and the next open of the same number.
    file_put_contents($file, 'tail');
    $handle = fopen("$dir/next", 'w');
    fwrite($handle, 'whole');
    fclose($handle);
    var_dump(file_get_contents($file), file_get_contents("$dir/next"));
    // fopen('w') truncates at once.
    file_put_contents($file, 'something');
    $handle = fopen($file, 'w');
    clearstatcache();
    var_dump(filesize($file));
    fclose($handle);
    var_dump(@file_put_contents($dir, 'x'), @file_put_contents("$dir/none/x", 'x'));
    symlink($file, "$dir/link");
    file_put_contents($file, str_repeat('o', 50));
    file_put_contents("$dir/link", 'through a link');
    var_dump(file_get_contents($file), is_link("$dir/link"));
    array_map('unlink', glob("$dir/*"));
    return ob_get_clean();
};
$blocking = $cases();
run(function () use ($cases, &$inside) {
    $inside = $cases();
});
var_dump($inside === $blocking);
echo $inside === $blocking ? '' : "$blocking\n--- inside:\n$inside";
// Many at once, of changing lengths.
run(function () use ($dir) {
    $wrong = 0;
    Coroutine\map(range(1, 30), function ($n) use ($dir, &$wrong) {
        for ($i = 0; $i < 20; $i++) {
            $data = str_repeat(chr(65 + ($n + $i) % 26), ($n * 7919 + $i * 104729) % 20000);
            file_put_contents("$dir/$n", $data);
            usleep($i % 2 * 1000);
            $wrong += file_get_contents("$dir/$n") !== $data;
        }
        unlink("$dir/$n");
    });
    var_dump($wrong);
});
rmdir($dir);
?>
--EXPECT--
bool(true)
int(0)
