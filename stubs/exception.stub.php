<?php
/*
 * Exceptions without methods of their own. Those of one area stand here too: they need no handler.
 */

namespace Swoole
{
    /** A misuse of the API, or a state from which a call cannot go on; the code is SWOOLE_ERROR_*. */
    class Error extends \Error {}

    /** A failure that a program may catch; the code is SWOOLE_ERROR_* or an errno. */
    class Exception extends \Exception {}
}

namespace Swoole\Exception
{
    /**
     * ArrayObject was asked for a key that it does not have.
     * @userland
     */
    class ArrayKeyNotExists extends \RuntimeException {}
}

namespace Swoole\Client
{
    class Exception extends \Swoole\Exception {}
}

namespace Swoole\Curl
{
    /** @userland */
    class Exception extends \Swoole\Exception {}
}

namespace Swoole\Coroutine
{
    /** Thrown where a coroutine waits, by Coroutine::cancel($cid, true). */
    final class CanceledException extends \Exception {}

    /** Thrown in a coroutine whose Coroutine::setTimeLimit() has passed. */
    final class TimeoutException extends \Exception {}
}

namespace Swoole\Coroutine\Curl
{
    /** @shortname Co\Coroutine\Curl\Exception */
    class Exception extends \Swoole\Exception {}
}

namespace Swoole\Coroutine\FastCGI\Client
{
    /**
     * @shortname Co\FastCGI\Client\Exception
     * @userland
     */
    class Exception extends \Swoole\Exception {}
}

namespace Swoole\Coroutine\Http2\Client
{
    /** @shortname Co\Http2\Client\Exception */
    class Exception extends \Swoole\Exception {}
}

namespace Swoole\Coroutine\Http\Client
{
    /** @shortname Co\Http\Client\Exception */
    class Exception extends \Swoole\Exception {}
}

namespace Swoole\Coroutine\Socket
{
    /** @shortname Co\Socket\Exception */
    class Exception extends \Swoole\Exception {}
}

namespace Swoole\Database
{
    /** @userland */
    class MysqliException extends \Exception {}
}

namespace Swoole\NameResolver
{
    /** @userland */
    class Exception extends \RuntimeException {}
}

namespace Swoole\RemoteObject
{
    /** @userland */
    class Exception extends \RuntimeException {}
}
