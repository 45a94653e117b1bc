<?php

namespace
{
    /**
     * The version of the API that this extension offers: "6.2.2".
     * @handler php::general::version
     */
    function swoole_version(): string {}

    /**
     * Processors that are online.
     * @handler php::general::cpu_num
     */
    function swoole_cpu_num(): int {}

    /**
     * Processors that the container's CPU quota allows; SWOOLE_CPU_NUM in the environment overrides it.
     * @handler php::general::container_cpu_num
     * @userland
     */
    function swoole_container_cpu_num(): int {}

    /**
     * Whether the process runs under Docker or Kubernetes.
     * @handler php::general::is_in_container
     * @userland
     */
    function swoole_is_in_container(): bool {}

    /**
     * The code that the last failing call left: SWOOLE_ERROR_* or an errno.
     * @handler php::code::last_error
     */
    function swoole_last_error(): int {}

    /** @handler php::code::clear_error */
    function swoole_clear_error(): void {}

    /**
     * C's errno, as the last system call left it.
     * @handler php::code::errno
     */
    function swoole_errno(): int {}

    /**
     * The text of a code.
     * @param int $error_type SWOOLE_STRERROR_SYSTEM, _GAI, _DNS or _SWOOLE
     * @handler php::code::strerror
     */
    function swoole_strerror(int $errno, int $error_type = SWOOLE_STRERROR_SYSTEM): string {}

    /**
     * Keeps errors with this code out of the log.
     * @handler php::general::ignore_error
     */
    function swoole_ignore_error(int $error): void {}

    /**
     * Writes a line to the log.
     * @param int $level SWOOLE_LOG_*
     * @handler php::general::error_log
     */
    function swoole_error_log(int $level, string $msg): void {}

    /**
     * As swoole_error_log(), with a code that becomes the last error.
     * @handler php::general::error_log_ex
     */
    function swoole_error_log_ex(int $level, int $error, string $msg): void {}

    /**
     * Sets settings of the process: log_*, socket_*_timeout (seconds), thread_num, dns_* and others.
     * @handler php::settings::async_set
     */
    function swoole_async_set(array $settings): bool {}

    /**
     * The title that ps(1) shows. False outside the CLI.
     * @handler php::general::set_process_name
     */
    function swoole_set_process_name(string $process_name): bool {}

    /**
     * Addresses by interface name, loopback left out.
     * @param int $family AF_INET or AF_INET6
     * @return array<string, string>
     * @handler php::machine::get_local_ip
     */
    function swoole_get_local_ip(int $family = 2): array {}

    /**
     * Hardware addresses by interface name, as "02:00:5E:10:00:01".
     * @return array<string, string>
     * @handler php::machine::get_local_mac
     */
    function swoole_get_local_mac(): array {}

    /**
     * Zend's hash of a string (type 0) or the one-at-a-time hash (type 1); false for another type.
     * @handler php::general::hashcode
     */
    function swoole_hashcode(string $data, int $type = 0): int|false {}

    /**
     * The type of a suffix is set unless it has one. The suffix is without a dot, in lower case.
     * @handler php::mime::add
     */
    function swoole_mime_type_add(string $suffix, string $mime_type): bool {}

    /** @handler php::mime::set */
    function swoole_mime_type_set(string $suffix, string $mime_type): void {}

    /** @handler php::mime::delete */
    function swoole_mime_type_delete(string $suffix): bool {}

    /**
     * The type of a file by its name; "application/octet-stream" when it is not known.
     * @handler php::mime::get
     */
    function swoole_mime_type_get(string $filename): string {}

    /** @handler php::mime::get */
    function swoole_get_mime_type(string $filename): string {}

    /** @handler php::mime::exists */
    function swoole_mime_type_exists(string $filename): bool {}

    /**
     * All types that are known.
     * @return list<string>
     * @handler php::mime::list
     */
    function swoole_mime_type_list(): array {}

    /**
     * Unserializes $length bytes from $offset (negative: from the end); all that is left when $length is 0.
     * @param array $options as of unserialize()
     * @handler php::general::substr_unserialize
     */
    function swoole_substr_unserialize(string $str, int $offset, int $length = 0, array $options = []): mixed {}

    /**
     * Decodes the JSON in $length bytes from $offset, as json_decode() does.
     * @handler php::general::substr_json_decode
     */
    function swoole_substr_json_decode(string $str, int $offset, int $length = 0, bool $associative = false, int $depth = 512, int $flags = 0): mixed {}

    /**
     * @return array{object_num: int, resource_num: int}
     * @handler php::general::get_vm_status
     */
    function swoole_get_vm_status(): array {}

    /**
     * All objects that are alive; false when there never was one.
     * @handler php::general::get_objects
     */
    function swoole_get_objects(): array|false {}

    /**
     * The object with this spl_object_id(); false when there is none.
     * @handler php::general::get_object_by_handle
     */
    function swoole_get_object_by_handle(int $handle): object|false {}

    /**
     * @handler php::general::library_set_options
     * @userland
     */
    function swoole_library_set_options(array $options): void {}

    /**
     * @handler php::general::library_get_options
     * @userland
     */
    function swoole_library_get_options(): array {}

    /**
     * @handler php::general::library_set_option
     * @userland
     */
    function swoole_library_set_option(string $key, mixed $value): void {}

    /**
     * Null when it is not set.
     * @handler php::general::library_get_option
     * @userland
     */
    function swoole_library_get_option(string $key): mixed {}

    /**
     * For tests of the extension itself: "fatal_error", "bailout", "abort", "refcount", "func_handler".
     * @handler php::general::implicit_fn
     */
    function swoole_implicit_fn(string $fn, mixed $args = null): mixed {}

    /**
     * True when it is called for the first time, which the extension keeps for itself.
     * @handler php::general::call_user_shutdown_begin
     */
    function swoole_internal_call_user_shutdown_begin(): bool {}

    /**
     * With swoole.leak_detection: prints the lines of the script whose allocations make up $threshold blocks or more that
     * are still there, and begins to count anew for them.
     * @handler php::tracer::leak_detect
     */
    function swoole_tracer_leak_detect(int $threshold = 64): void {}

    /**
     * With swoole.profile: begins to note each call of a user function. `root_path` is left out of file names.
     * @handler php::tracer::prof_begin
     */
    function swoole_tracer_prof_begin(?array $options = null): bool {}

    /**
     * Writes the notes as a file for Chrome's trace viewer or Perfetto.
     * @handler php::tracer::prof_end
     */
    function swoole_tracer_prof_end(string $output_file): bool {}

    /**
     * dns_get_record() with all that it found in its result, for calls from elsewhere.
     * @handler php::remote_object::dns::record
     */
    function swoole_real_dns_get_record(string $hostname, int $type, ?array $authoritative_name_servers = null, ?array $additional_records = null, bool $raw = false): array {}

    /**
     * getmxrr() likewise.
     * @handler php::remote_object::dns::mx
     */
    function swoole_real_getmxrr(string $hostname, ?array $hosts = null, ?array $weights = null): array {}

    /** Options of the classes that Swoole has in PHP, and here in Rust. */
    class SwooleLibrary
    {
        /** @var array<string, mixed> */
        public static array $options = [];
        public static bool $remote_object_server_initiated = false;
        public static string $remote_object_server_socket_file = '';
    }
}
