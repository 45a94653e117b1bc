--TEST--
Each shutdown function may use coroutines, also one that another has registered
--FILE--
<?php
error_reporting(E_ALL & ~E_DEPRECATED);
use Swoole\Coroutine;
register_shutdown_function(function () {
    Coroutine\run(function () {
        Coroutine::sleep(0.001);
        echo "first\n";
    });
    register_shutdown_function(function () {
        Coroutine::create(function () {
            Coroutine::sleep(0.001);
            echo "second\n";
            register_shutdown_function(function () {
                Coroutine::create(function () {
                    Coroutine::sleep(0.001);
                    echo "third\n";
                });
            });
        });
    });
});
?>
--EXPECT--
first
second
third
