<?php

namespace Swoole
{
    /**
     * PHP's blocking calls, and those of any library PHP has loaded, suspend the coroutine and not the process.
     * @not-instantiable
     */
    class Runtime
    {
        /** Hooks what $flags say, a set of SWOOLE_HOOK_*; 0 takes all hooks back. */
        public static function enableCoroutine(int $flags = 2143287295): bool {}
        /** The hooks asked for. */
        public static function getHookFlags(): int {}
        public static function setHookFlags(int $flags): bool {}
        /** Logs calls that block the process though a coroutine made them, with a backtrace: see docs/hooks.md. */
        public static function enableStrictMode(): void {}
    }
}
