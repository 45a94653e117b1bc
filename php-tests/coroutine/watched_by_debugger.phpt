--TEST--
swoole.enable_fiber_mock: a debugger sees each coroutine's own stack, whatever it begins with
--SKIPIF--
<?php if (!is_file(ini_get('extension_dir') . '/xdebug.so')) die('skip no xdebug'); ?>
--INI--
zend_extension=xdebug
xdebug.mode=develop
swoole.enable_fiber_mock=On
--FILE--
<?php
use Swoole\Coroutine;

function stack(): string {
    $names = array_slice(array_column(xdebug_get_function_stack(), 'function'), 0, -1);
    return preg_replace('/\{(fiber|closure):[^}]*\}/', '{$1}', implode(' ', $names));
}
function nested(int $depth): void {
    if ($depth > 0) {
        nested($depth - 1);
        return;
    }
    Coroutine::sleep(0.001);
    echo stack(), "\n";
}

Coroutine\run(function () {
    foreach ([2, 1] as $depth) {
        Coroutine::create(function () use ($depth) { nested($depth); });
    }
    Coroutine::create('nested', 1);
    Coroutine::create([new ReflectionFunction('nested'), 'invoke'], 0);
    echo stack(), "\n";
});
echo stack(), "\n";
?>
--EXPECT--
{fiber} {closure}
{fiber} {closure} nested nested nested
{fiber} {closure} nested nested
{fiber} nested nested
{fiber} invoke nested
{main}
