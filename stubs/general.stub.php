<?php
namespace Swoole {
    class Error extends \Error {}
    class Exception extends \Exception {}
}
namespace {
    /** @handler php::general::version */
    function swoole_version(): string {}
}
