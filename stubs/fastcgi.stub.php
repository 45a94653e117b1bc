<?php

namespace Swoole\Coroutine\FastCGI
{
    /**
     * Requests to a FastCGI responder such as php-fpm. Failures are Client\Exceptions with the errno as code.
     *
     * @shortname Co\FastCGI\Client
     * @userland
     */
    class Client
    {
        protected int $af;
        protected string $host;
        protected int $port;
        protected bool $ssl;
        protected ?\Swoole\Coroutine\Socket $socket;
        public function __construct(string $host, int $port = 0, bool $ssl = false) {}
        public function execute(\Swoole\FastCGI\Request $request, float $timeout = -1.0): \Swoole\FastCGI\Response {}
        public static function parseUrl(string $url): array {}
        public static function call(string $url, string $path, $data = '', float $timeout = -1.0): string {}
        protected function ioException(?int $errno = null): void {}
    }

    /**
     * Passes requests of an HTTP server on to a FastCGI responder, and serves static files itself.
     *
     * @shortname Co\FastCGI\Proxy
     * @userland
     */
    class Proxy
    {
        protected $host;
        protected $port;
        protected $timeout = -1;
        protected $documentRoot;
        protected $https = false;
        protected $index = 'index.php';
        protected $params = [];
        protected $staticFileFilter;
        public function __construct(string $url, string $documentRoot = '/') {}
        public function withTimeout(float $timeout): self {}
        public function withHttps(bool $https): self {}
        public function withIndex(string $index): self {}
        public function getParam(string $name): ?string {}
        public function withParam(string $name, string $value): self {}
        public function withoutParam(string $name): self {}
        public function getParams(): array {}
        public function withParams(array $params): self {}
        public function withAddedParams(array $params): self {}
        public function withStaticFileFilter(?callable $filter): self {}
        public function translateRequest(\Swoole\Http\Request $userRequest): \Swoole\FastCGI\HttpRequest {}
        public function translateResponse(\Swoole\FastCGI\HttpResponse $response, \Swoole\Http\Response $userResponse): void {}
        public function pass(\Swoole\Http\Request|\Swoole\FastCGI\HttpRequest $userRequest, \Swoole\Http\Response $userResponse): void {}
        public function staticFileFiltrate(\Swoole\FastCGI\HttpRequest $request, \Swoole\Http\Response $userResponse): bool {}
    }
}

namespace Swoole
{
    /**
     * Constants of the protocol.
     * @userland
     */
    class FastCGI
    {
        public const HEADER_LEN = 8;
        public const HEADER_FORMAT = 'Cversion/Ctype/nrequestId/ncontentLength/CpaddingLength/Creserved';
        public const MAX_CONTENT_LENGTH = 65535;
        public const VERSION_1 = 1;
        public const BEGIN_REQUEST = 1;
        public const ABORT_REQUEST = 2;
        public const END_REQUEST = 3;
        public const PARAMS = 4;
        public const STDIN = 5;
        public const STDOUT = 6;
        public const STDERR = 7;
        public const DATA = 8;
        public const GET_VALUES = 9;
        public const GET_VALUES_RESULT = 10;
        public const UNKNOWN_TYPE = 11;
        public const DEFAULT_REQUEST_ID = 1;
        public const KEEP_CONN = 1;
        public const RESPONDER = 1;
        public const AUTHORIZER = 2;
        public const FILTER = 3;
        public const REQUEST_COMPLETE = 0;
        public const CANT_MPX_CONN = 1;
        public const OVERLOADED = 2;
        public const UNKNOWN_ROLE = 3;
    }
}

namespace Swoole\FastCGI
{
    /**
     * Records out of a buffer.
     * @userland
     */
    class FrameParser
    {
        protected static array $classMapping = [
            1 => 'Swoole\\FastCGI\\Record\\BeginRequest',
            2 => 'Swoole\\FastCGI\\Record\\AbortRequest',
            3 => 'Swoole\\FastCGI\\Record\\EndRequest',
            4 => 'Swoole\\FastCGI\\Record\\Params',
            5 => 'Swoole\\FastCGI\\Record\\Stdin',
            6 => 'Swoole\\FastCGI\\Record\\Stdout',
            7 => 'Swoole\\FastCGI\\Record\\Stderr',
            8 => 'Swoole\\FastCGI\\Record\\Data',
            9 => 'Swoole\\FastCGI\\Record\\GetValues',
            10 => 'Swoole\\FastCGI\\Record\\GetValuesResult',
            11 => 'Swoole\\FastCGI\\Record\\UnknownType',
        ];
        public static function hasFrame(string $binaryBuffer): bool {}
        public static function parseFrame(string &$binaryBuffer): \Swoole\FastCGI\Record {}
    }

    /**
     * Parameters, a body and errors.
     * @userland
     */
    class Message
    {
        protected array $params = [];
        protected string $body = '';
        protected string $error = '';
        public function getParam(string $name): ?string {}
        public function withParam(string $name, string $value): static {}
        public function withoutParam(string $name): static {}
        public function getParams(): array {}
        public function withParams(array $params): static {}
        public function withAddedParams(array $params): static {}
        public function getBody(): string {}
        public function withBody(\Stringable|string $body): self {}
        public function getError(): string {}
        public function withError(string $error): static {}
    }

    /**
     * A record of the protocol; __toString() gives its bytes.
     * @userland
     */
    class Record implements \Stringable
    {
        protected int $version = 1;
        protected int $type = 11;
        protected int $requestId = 1;
        protected int $reserved = 0;
        private int $contentLength = 0;
        private int $paddingLength = 0;
        private string $contentData = '';
        private string $paddingData = '';
        final public function __toString(): string {}
        final public static function unpack(string $binaryData): static {}
        public function setContentData(string $data): self {}
        public function getContentData(): string {}
        public function getVersion(): int {}
        public function getType(): int {}
        public function getRequestId(): int {}
        public function setRequestId(int $requestId): self {}
        final public function getContentLength(): int {}
        final public function getPaddingLength(): int {}
        protected static function unpackPayload(self $self, string $binaryData): void {}
        protected function packPayload(): string {}
    }

    /**
     * A request to a responder.
     * @userland
     */
    class Request extends \Swoole\FastCGI\Message implements \Stringable
    {
        protected bool $keepConn = false;
        public function __toString(): string {}
        public function getKeepConn(): bool {}
        public function withKeepConn(bool $keepConn): self {}
    }

    /**
     * What the records of an answer carry.
     * @userland
     */
    class Response extends \Swoole\FastCGI\Message
    {
        public function __construct(array $records) {}
        protected static function verify(array $records): bool {}
    }

    /**
     * A request with CGI's parameters.
     * @userland
     */
    class HttpRequest extends \Swoole\FastCGI\Request
    {
        protected array $params = [
            'REQUEST_SCHEME' => 'http',
            'REQUEST_METHOD' => 'GET',
            'DOCUMENT_ROOT' => '',
            'SCRIPT_FILENAME' => '',
            'SCRIPT_NAME' => '',
            'DOCUMENT_URI' => '/',
            'REQUEST_URI' => '/',
            'QUERY_STRING' => '',
            'CONTENT_TYPE' => 'text/plain',
            'CONTENT_LENGTH' => '0',
            'GATEWAY_INTERFACE' => 'CGI/1.1',
            'SERVER_PROTOCOL' => 'HTTP/1.1',
            'SERVER_SOFTWARE' => 'swoole/6.2.2',
            'REMOTE_ADDR' => 'unknown',
            'REMOTE_PORT' => '0',
            'SERVER_ADDR' => 'unknown',
            'SERVER_PORT' => '0',
            'SERVER_NAME' => 'Swoole',
            'REDIRECT_STATUS' => '200',
        ];
        /** @handler php::fastcgi::http_request::read */
        public function getScheme(): ?string {}
        /** @handler php::fastcgi::http_request::write */
        public function withScheme(string $scheme): self {}
        /** @handler php::fastcgi::http_request::remove */
        public function withoutScheme(): void {}
        /** @handler php::fastcgi::http_request::read */
        public function getMethod(): ?string {}
        /** @handler php::fastcgi::http_request::write */
        public function withMethod(string $method): self {}
        /** @handler php::fastcgi::http_request::remove */
        public function withoutMethod(): void {}
        /** @handler php::fastcgi::http_request::read */
        public function getDocumentRoot(): ?string {}
        /** @handler php::fastcgi::http_request::write */
        public function withDocumentRoot(string $documentRoot): self {}
        /** @handler php::fastcgi::http_request::remove */
        public function withoutDocumentRoot(): void {}
        /** @handler php::fastcgi::http_request::read */
        public function getScriptFilename(): ?string {}
        /** @handler php::fastcgi::http_request::write */
        public function withScriptFilename(string $scriptFilename): self {}
        /** @handler php::fastcgi::http_request::remove */
        public function withoutScriptFilename(): void {}
        /** @handler php::fastcgi::http_request::read */
        public function getScriptName(): ?string {}
        /** @handler php::fastcgi::http_request::write */
        public function withScriptName(string $scriptName): self {}
        /** @handler php::fastcgi::http_request::remove */
        public function withoutScriptName(): void {}
        public function withUri(string $uri): self {}
        /** @handler php::fastcgi::http_request::read */
        public function getDocumentUri(): ?string {}
        /** @handler php::fastcgi::http_request::write */
        public function withDocumentUri(string $documentUri): self {}
        /** @handler php::fastcgi::http_request::remove */
        public function withoutDocumentUri(): void {}
        /** @handler php::fastcgi::http_request::read */
        public function getRequestUri(): ?string {}
        /** @handler php::fastcgi::http_request::write */
        public function withRequestUri(string $requestUri): self {}
        /** @handler php::fastcgi::http_request::remove */
        public function withoutRequestUri(): void {}
        public function withQuery($query): self {}
        /** @handler php::fastcgi::http_request::read */
        public function getQueryString(): ?string {}
        /** @handler php::fastcgi::http_request::write */
        public function withQueryString(string $queryString): self {}
        /** @handler php::fastcgi::http_request::remove */
        public function withoutQueryString(): void {}
        /** @handler php::fastcgi::http_request::read */
        public function getContentType(): ?string {}
        /** @handler php::fastcgi::http_request::write */
        public function withContentType(string $contentType): self {}
        /** @handler php::fastcgi::http_request::remove */
        public function withoutContentType(): void {}
        /** @handler php::fastcgi::http_request::read_number */
        public function getContentLength(): ?int {}
        /** @handler php::fastcgi::http_request::write_number */
        public function withContentLength(int $contentLength): self {}
        /** @handler php::fastcgi::http_request::remove */
        public function withoutContentLength(): void {}
        /** @handler php::fastcgi::http_request::read */
        public function getGatewayInterface(): ?string {}
        /** @handler php::fastcgi::http_request::write */
        public function withGatewayInterface(string $gatewayInterface): self {}
        /** @handler php::fastcgi::http_request::remove */
        public function withoutGatewayInterface(): void {}
        /** @handler php::fastcgi::http_request::read */
        public function getServerProtocol(): ?string {}
        /** @handler php::fastcgi::http_request::write */
        public function withServerProtocol(string $serverProtocol): self {}
        /** @handler php::fastcgi::http_request::remove */
        public function withoutServerProtocol(): void {}
        public function withProtocolVersion(string $protocolVersion): self {}
        /** @handler php::fastcgi::http_request::read */
        public function getServerSoftware(): ?string {}
        /** @handler php::fastcgi::http_request::write */
        public function withServerSoftware(string $serverSoftware): self {}
        /** @handler php::fastcgi::http_request::remove */
        public function withoutServerSoftware(): void {}
        /** @handler php::fastcgi::http_request::read */
        public function getRemoteAddr(): ?string {}
        /** @handler php::fastcgi::http_request::write */
        public function withRemoteAddr(string $remoteAddr): self {}
        /** @handler php::fastcgi::http_request::remove */
        public function withoutRemoteAddr(): void {}
        /** @handler php::fastcgi::http_request::read_number */
        public function getRemotePort(): ?int {}
        /** @handler php::fastcgi::http_request::write_number */
        public function withRemotePort(int $remotePort): self {}
        /** @handler php::fastcgi::http_request::remove */
        public function withoutRemotePort(): void {}
        /** @handler php::fastcgi::http_request::read */
        public function getServerAddr(): ?string {}
        /** @handler php::fastcgi::http_request::write */
        public function withServerAddr(string $serverAddr): self {}
        /** @handler php::fastcgi::http_request::remove */
        public function withoutServerAddr(): void {}
        /** @handler php::fastcgi::http_request::read_number */
        public function getServerPort(): ?int {}
        /** @handler php::fastcgi::http_request::write_number */
        public function withServerPort(int $serverPort): self {}
        /** @handler php::fastcgi::http_request::remove */
        public function withoutServerPort(): void {}
        /** @handler php::fastcgi::http_request::read */
        public function getServerName(): ?string {}
        /** @handler php::fastcgi::http_request::write */
        public function withServerName(string $serverName): self {}
        /** @handler php::fastcgi::http_request::remove */
        public function withoutServerName(): void {}
        /** @handler php::fastcgi::http_request::read */
        public function getRedirectStatus(): ?string {}
        /** @handler php::fastcgi::http_request::write */
        public function withRedirectStatus(string $redirectStatus): self {}
        /** @handler php::fastcgi::http_request::remove */
        public function withoutRedirectStatus(): void {}
        public function getHeader(string $name): ?string {}
        public function withHeader(string $name, string $value): self {}
        public function withoutHeader(string $name): void {}
        public function getHeaders(): array {}
        public function withHeaders(array $headers): self {}
        public function withBody(\Stringable|array|string $body): self {}
        protected static function convertHeaderNameToParamName(string $name) {}
        protected static function convertParamNameToHeaderName(string $name) {}
    }

    /**
     * A response with status and headers.
     * @userland
     */
    class HttpResponse extends \Swoole\FastCGI\Response
    {
        protected $statusCode;
        protected $reasonPhrase;
        protected array $headers = [];
        protected array $headersMap = [];
        protected array $setCookieHeaderLines = [];
        public function __construct(array $records = []) {}
        public function getStatusCode(): int {}
        public function withStatusCode(int $statusCode): self {}
        public function getReasonPhrase(): string {}
        public function withReasonPhrase(string $reasonPhrase): self {}
        public function getHeader(string $name): ?string {}
        public function getHeaders(): array {}
        public function withHeader(string $name, string $value): self {}
        public function withHeaders(array $headers): self {}
        public function getSetCookieHeaderLines(): array {}
        public function withSetCookieHeaderLine(string $value): self {}
    }
}

namespace Swoole\FastCGI\Record
{
    /** @userland */
    class AbortRequest extends \Swoole\FastCGI\Record
    {
        /** @handler php::fastcgi::record::kinds::construct_abort */
        public function __construct(int $requestId) {}
    }

    /** @userland */
    class BeginRequest extends \Swoole\FastCGI\Record
    {
        protected int $role = 3;
        protected int $flags;
        protected string $reserved1;
        /** @handler php::fastcgi::record::kinds::construct_begin */
        public function __construct(int $role = \Swoole\FastCGI::UNKNOWN_ROLE, int $flags = 0, string $reserved = '') {}
        /** @handler php::fastcgi::record::kinds::get_role */
        public function getRole(): int {}
        /** @handler php::fastcgi::record::kinds::get_flags */
        public function getFlags(): int {}
        /** @handler php::fastcgi::record::kinds::unpack_begin */
        protected static function unpackPayload(\Swoole\FastCGI\Record $self, string $binaryData): void {}
        /** @handler php::fastcgi::record::kinds::pack_begin */
        protected function packPayload(): string {}
    }

    /** @userland */
    class Data extends \Swoole\FastCGI\Record
    {
        /** @handler php::fastcgi::record::kinds::construct_stream */
        public function __construct(string $contentData) {}
    }

    /** @userland */
    class EndRequest extends \Swoole\FastCGI\Record
    {
        protected int $appStatus = 0;
        protected int $protocolStatus = 0;
        protected string $reserved1;
        /** @handler php::fastcgi::record::kinds::construct_end */
        public function __construct(int $protocolStatus = \Swoole\FastCGI::REQUEST_COMPLETE, int $appStatus = 0, string $reserved = '') {}
        /** @handler php::fastcgi::record::kinds::get_app_status */
        public function getAppStatus(): int {}
        /** @handler php::fastcgi::record::kinds::get_protocol_status */
        public function getProtocolStatus(): int {}
        /** @handler php::fastcgi::record::kinds::unpack_end */
        protected static function unpackPayload(\Swoole\FastCGI\Record $self, string $binaryData): void {}
        /** @handler php::fastcgi::record::kinds::pack_end */
        protected function packPayload(): string {}
    }

    /** @userland */
    class Params extends \Swoole\FastCGI\Record
    {
        protected array $values = [];
        /** @handler php::fastcgi::record::kinds::construct_params */
        public function __construct(array $values) {}
        /** @handler php::fastcgi::record::kinds::get_values */
        public function getValues(): array {}
        /** @handler php::fastcgi::record::kinds::unpack_params */
        protected static function unpackPayload(\Swoole\FastCGI\Record $self, string $binaryData): void {}
        /** @handler php::fastcgi::record::kinds::pack_params */
        protected function packPayload(): string {}
    }

    /** @userland */
    class Stderr extends \Swoole\FastCGI\Record
    {
        /** @handler php::fastcgi::record::kinds::construct_stream */
        public function __construct(string $contentData) {}
    }

    /** @userland */
    class Stdin extends \Swoole\FastCGI\Record
    {
        /** @handler php::fastcgi::record::kinds::construct_stream */
        public function __construct(string $contentData) {}
    }

    /** @userland */
    class Stdout extends \Swoole\FastCGI\Record
    {
        /** @handler php::fastcgi::record::kinds::construct_stream */
        public function __construct(string $contentData) {}
    }

    /** @userland */
    class UnknownType extends \Swoole\FastCGI\Record
    {
        protected int $type1;
        protected string $reserved1;
        /** @handler php::fastcgi::record::kinds::construct_unknown */
        public function __construct(int $type, string $reserved = '') {}
        /** @handler php::fastcgi::record::kinds::get_unrecognized_type */
        public function getUnrecognizedType(): int {}
        /** @handler php::fastcgi::record::kinds::unpack_unknown */
        public static function unpackPayload(\Swoole\FastCGI\Record $self, string $binaryData): void {}
        /** @handler php::fastcgi::record::kinds::pack_unknown */
        protected function packPayload(): string {}
    }

    /** @userland */
    class GetValues extends \Swoole\FastCGI\Record\Params
    {
        /** @handler php::fastcgi::record::kinds::construct_get_values */
        public function __construct(array $keys) {}
    }

    /** @userland */
    class GetValuesResult extends \Swoole\FastCGI\Record\Params
    {
        /** @handler php::fastcgi::record::kinds::construct_get_values_result */
        public function __construct(array $values) {}
    }
}
