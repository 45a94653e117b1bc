--TEST--
Files: contents, offsets, locks, directories, errors
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use Swoole\Runtime;
use function Swoole\Coroutine\{go, run};
run(function () {
    $dir = temp_path();
    var_dump(mkdir($dir));
    $all = [];
    for ($i = 0; $i < 20; $i++) {
        $all[] = go(function () use ($dir, $i) {
            $data = str_repeat(chr(65 + $i), 1000 * $i * $i);
            for ($n = 0; $n < 5; $n++) {
                file_put_contents("$dir/$i", $data);
                if (file_get_contents("$dir/$i") !== $data || filesize("$dir/$i") !== strlen($data)) {
                    echo "wrong $i\n";
                }
                clearstatcache();
            }
            rename("$dir/$i", "$dir/done-$i");
        });
    }
    Coroutine::join($all);
    var_dump(count(scandir($dir)));
    // Two coroutines, one file: each write in its place.
    $file = fopen("$dir/shared", 'w+');
    $all = [];
    for ($i = 0; $i < 10; $i++) {
        $all[] = go(function () use ($file, $i) {
            for ($n = 0; $n < 20; $n++) {
                fwrite($file, str_repeat((string) $i, 99) . "\n");
                fsync($file);
            }
        });
    }
    Coroutine::join($all);
    rewind($file);
    $lines = explode("\n", trim(stream_get_contents($file)));
    $counts = array_count_values($lines);
    var_dump(count($lines), count($counts), array_unique(array_values($counts)), ftell($file));
    ftruncate($file, 150);
    var_dump(fstat($file)['size']);
    fclose($file);
    foreach (glob("$dir/*") as $path) {
        unlink($path);
    }
    var_dump(@unlink("$dir/none"), @file_get_contents("$dir/none"), @fopen($dir, 'w'), rmdir($dir), is_dir($dir));
});
?>
--EXPECT--
bool(true)
int(22)
int(200)
int(10)
array(1) {
  [0]=>
  int(20)
}
int(20000)
int(150)
bool(false)
bool(false)
bool(false)
bool(true)
bool(false)
