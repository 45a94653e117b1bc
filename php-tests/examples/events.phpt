--TEST--
examples/events.php: events come as they happen, one who comes back gets what was missed, and the page draws them
--FILE--
<?php
require __DIR__ . '/../_lib/example.inc';
require __DIR__ . '/../_lib/browser.inc';
$example = new Example('events');
/** The first $count events, as numbers. */
$listen = function (int $count, string $seen = '') use ($example) {
    $socket = stream_socket_client("tcp://127.0.0.1:$example->port");
    stream_set_timeout($socket, 10);
    fwrite($socket, "GET /events HTTP/1.0\r\nHost: h\r\n" . ($seen === '' ? '' : "Last-Event-ID: $seen\r\n") . "\r\n");
    $numbers = [];
    while (count($numbers) < $count && ($line = fgets($socket)) !== false) {
        if (preg_match('/^Content-Type: (.*?)\r$/', $line, $type)) {
            echo "$type[1]\n";
        } elseif (preg_match('/^id: (\d+)$/', $line, $id)) {
            $numbers[] = (int) $id[1];
        } elseif (str_starts_with($line, 'data: ')) {
            $keys = implode(' ', array_keys(json_decode(substr($line, 6), true)));
        }
    }
    show($numbers === range($numbers[0], $numbers[0] + $count - 1), $keys);
    return $numbers;
};
$numbers = $listen(3);
usleep(700_000);
$missed = $listen(2, (string) $numbers[1]);
show($missed[0] - $numbers[1]);
$browser = new Browser;
$browser->open($example->url());
$browser->wait('loads.length >= 5 && document.getElementById("state").textContent === "connected"');
$browser->wait('document.getElementById("listeners").textContent >= 1');
show($browser->run('return document.querySelector("path").getAttribute("d").split(/[ML]/).length - 1 === loads.length'));
if ($picture = getenv('PICTURES')) {
    sleep(5);
    file_put_contents("$picture/events.png", $browser->picture());
}
$browser->quit();
$example->stop();
?>
--EXPECT--
text/event-stream
true load memory listeners
text/event-stream
true load memory listeners
1
true
