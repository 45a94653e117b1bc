--TEST--
What a waiting SoapClient leaves in ext/soap's globals is its own: others' answers and errors are not touched by it
--EXTENSIONS--
soap
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Coroutine;
use function Swoole\Coroutine\{go, run};
/** Answers each request after as many milliseconds as it asks for. */
function serve($server, int $count): void
{
    for ($n = 0; $n < $count; $n++) {
        $peer = stream_socket_accept($server, 10);
        go(function () use ($peer) {
            $length = 0;
            while (($line = fgets($peer)) !== "\r\n") {
                $length = sscanf(strtolower($line), 'content-length: %d')[0] ?? $length;
            }
            preg_match('/<param0[^>]*>(\d+)</', stream_get_contents($peer, $length), $asked);
            usleep($asked[1] * 1000);
            $body = '<?xml version="1.0"?><e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/" '
                . 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:m="urn:m"><e:Body><mResponse>'
                . '<return xsi:type="m:Thing"><id>' . $asked[1] . '</id></return></mResponse></e:Body></e:Envelope>';
            fwrite($peer, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: text/xml\r\nContent-Length: " . strlen($body) . "\r\n\r\n$body");
        });
    }
}
class Thing
{
    public $id;
}
class Other extends Thing
{
}
run(function () {
    $server = stream_socket_server('tcp://127.0.0.1:0');
    go(serve(...), $server, 5);
    $location = 'http://' . stream_socket_get_name($server, false) . '/';
    $ask = function (int $time, string $class) use ($location): void {
        $client = new SoapClient(null, ['location' => $location, 'uri' => 'urn:test', 'classmap' => ['Thing' => $class],
            'typemap' => [['type_ns' => 'urn:m', 'type_name' => 'Thing', 'from_xml' => function ($xml) use ($class) {
                $thing = new $class;
                $thing->id = preg_replace('/\D/', '', strip_tags($xml));
                return $thing;
            }]]]);
        $got = $client->m($time);
        echo $time, ' ', $got::class, ' ', $got->id, "\n";
    };
    go($ask, 300, Thing::class);
    go($ask, 200, Other::class);
    go($ask, 100, Thing::class);
    go(function () {
        Coroutine::sleep(0.05);
        // Not a fault of one of those clients.
        echo $none['a'], "still here\n";
        try {
            strlen();
        } catch (Error $error) {
            echo $error::class, "\n";
        }
    });
    // One whose own PHP code waits inside the call.
    $waits = function () use ($location): SoapClient {
        return new class(null, ['location' => $location, 'uri' => 'urn:test']) extends SoapClient {
            public function __doRequest(string $request, string $location, string $action, int $version, bool $oneWay = false): ?string
            {
                Coroutine::sleep(0.15);
                echo $undefined;
                return parent::__doRequest($request, $location, $action, $version, $oneWay);
            }
        };
    };
    go(function () use ($waits) {
        var_dump($waits()->m(250));
    });
    // Silent before the wait, silent after it.
    go(function () use ($waits) {
        $answer = @$waits()->m(450);
        echo $answer->id, "\n";
    });
});
// The error of a coroutine beside a waiting client ends the script, in PHP's usual words.
run(function () {
    $server = stream_socket_server('tcp://127.0.0.1:0');
    $location = 'http://' . stream_socket_get_name($server, false) . '/';
    go(fn () => (new SoapClient(null, ['location' => $location, 'uri' => 'urn:test']))->m(1));
    go(function () use ($server) {
        Coroutine::sleep(0.05);
        throw new Exception('mine');
    });
});
?>
--EXPECTF--
Warning: Undefined variable $none in %s on line %d

Warning: Trying to access array offset on value of type null in %s on line %d
still here
ArgumentCountError
100 Thing 100

Warning: Undefined variable $undefined in %s on line %d
200 Other 200
300 Thing 300
object(stdClass)#%d (1) {
  ["id"]=>
  string(3) "250"
}
450

Fatal error: Uncaught Exception: mine in %s:%d
Stack trace:
#0 [internal function]: {closure}()
#1 {main}
  thrown in %s on line %d
