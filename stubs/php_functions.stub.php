<?php

namespace
{
    /** checkdnsrr() of PHP. @handler php::php_functions::forward */
    function swoole_checkdnsrr(string $hostname, string $type = 'MX'): bool {}

    /** dns_check_record() of PHP. @handler php::php_functions::forward */
    function swoole_dns_check_record(string $hostname, string $type = 'MX'): bool {}

    /** dns_get_mx() of PHP. @handler php::php_functions::forward */
    function swoole_dns_get_mx(string $hostname, array &$hosts, ?array &$weights = null): bool {}

    /** dns_get_record() of PHP. @handler php::php_functions::forward */
    function swoole_dns_get_record(string $hostname, int $type = \DNS_ANY, ?array &$authoritative_name_servers = null, ?array &$additional_records = null, bool $raw = false): array|false {}

    /** exec() of PHP. @handler php::php_functions::forward */
    function swoole_exec(string $command, &$output = null, &$returnVar = null) {}

    /** gethostbyaddr() of PHP. @handler php::php_functions::forward */
    function swoole_gethostbyaddr(string $ip): string {}

    /** gethostbynamel() of PHP. @handler php::php_functions::forward */
    function swoole_gethostbynamel(string $domain) {}

    /** getmxrr() of PHP. @handler php::php_functions::forward */
    function swoole_getmxrr(string $hostname, array &$hosts, ?array &$weights = null): bool {}

    /** mail() of PHP. @handler php::php_functions::forward */
    function swoole_mail(string $to, string $subject, string $message, array $headers = []): bool {}

    /** shell_exec() of PHP. @handler php::php_functions::forward */
    function swoole_shell_exec(string $cmd) {}
}
