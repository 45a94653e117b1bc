--TEST--
50 curl transfers of half a second each, one process; curl_multi too
--EXTENSIONS--
curl
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use Swoole\Runtime;
use function Swoole\Coroutine\{go, run};
require __DIR__ . '/slow_http.inc';
run(function () {
    $name = slow_http(60);
    $right = 0;
    $time = elapsed(function () use ($name, &$right) {
        $all = [];
        for ($i = 0; $i < 50; $i++) {
            $all[] = go(function () use ($name, $i, &$right) {
                $curl = curl_init("http://$name/$i");
                curl_setopt($curl, CURLOPT_RETURNTRANSFER, true);
                $right += curl_exec($curl) === "got $i";
            });
        }
        $all[] = go(function () use ($name, &$right) {
            $multi = curl_multi_init();
            $handles = [];
            for ($i = 0; $i < 10; $i++) {
                $handles[$i] = curl_init("http://$name/m$i");
                curl_setopt($handles[$i], CURLOPT_RETURNTRANSFER, true);
                curl_multi_add_handle($multi, $handles[$i]);
            }
            do {
                curl_multi_exec($multi, $running);
                if ($running) {
                    curl_multi_select($multi);
                }
            } while ($running);
            foreach ($handles as $i => $handle) {
                $right += curl_multi_getcontent($handle) === "got m$i";
            }
        });
        Coroutine::join($all);
    });
    var_dump($right);
    took($time, 500, 450);
});
?>
--EXPECT--
int(60)
took about 500 ms
