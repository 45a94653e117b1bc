--TEST--
exit_condition keeps the loop alive until it holds
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use function Swoole\Coroutine\run;
Coroutine::set(['exit_condition' => function () {
    return Coroutine::stats()['coroutine_num'] === 0;
}]);
run(function () {
    Coroutine::sleep(0.005);
    show('body');
});
show('end');
?>
--EXPECT--
body
end
