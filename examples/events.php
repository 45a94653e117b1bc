<?php
/**
 * Server-sent events: open http://127.0.0.1:9503/, or  curl -N http://127.0.0.1:9503/events
 *
 * Each listener has a channel; one timer fills them all. A browser that was cut off says which event it has seen
 * last, and gets what it has missed.
 */
use Swoole\Coroutine\Channel;
use Swoole\Http\{Request, Response, Server};

final class Feed
{
    private const KEPT = 60;
    /** @var array<int, array{load: float, memory: float, listeners: int}> by their numbers */
    private array $samples = [];
    /** @var array<int, Channel> */
    private array $listeners = [];
    private int $last = 0;

    public function sample(): void
    {
        $this->samples[++$this->last] = [
            'load' => round(sys_getloadavg()[0], 2),
            'memory' => round(memory_get_usage() / 1e6, 2),
            'listeners' => count($this->listeners),
        ];
        unset($this->samples[$this->last - self::KEPT]);
        foreach ($this->listeners as $channel) {
            // A listener that does not keep up misses events; the others do not wait for it.
            $channel->isFull() || $channel->push($this->last);
        }
    }

    /** Sends events until the client leaves. */
    public function serve(Response $response, int $seen): void
    {
        $response->header('Content-Type', 'text/event-stream');
        $response->header('Cache-Control', 'no-store');
        $id = spl_object_id($response);
        $this->listeners[$id] = new Channel(16);
        $going = $response->write("retry: 2000\n\n");
        foreach ($this->samples as $number => $_) {
            $going = $going && ($number <= $seen || $this->send($response, $number));
        }
        while ($going) {
            $number = $this->listeners[$id]->pop(15);
            if ($number !== false) {
                $going = $this->send($response, $number);
            } elseif ($this->listeners[$id]->errCode === SWOOLE_CHANNEL_CLOSED) {
                break;
            } else {
                // A comment now and then shows whether the client is still there.
                $going = $response->write(": still here\n\n");
            }
        }
        unset($this->listeners[$id]);
    }

    /** Ends all listeners: they come back to the next worker. */
    public function close(): void
    {
        foreach ($this->listeners as $channel) {
            $channel->close();
        }
    }

    private function send(Response $response, int $number): bool
    {
        return !isset($this->samples[$number])
            || $response->write("id: $number\nevent: sample\ndata: " . json_encode($this->samples[$number]) . "\n\n");
    }
}

$host = getenv('HOST') ?: '127.0.0.1';
$port = (int) (getenv('PORT') ?: 9503);
$server = new Server($host, $port, SWOOLE_BASE);
$server->set(['worker_num' => 1]);
$feed = new Feed;
$server->on('Start', function () use ($host, $port) {
    echo "events on http://$host:$port/\n";
});
$server->on('WorkerStart', function () use ($feed) {
    Swoole\Timer::tick(500, $feed->sample(...));
});
$server->on('WorkerExit', function () use ($feed) {
    Swoole\Timer::clearAll();
    $feed->close();
});
$server->on('Request', function (Request $request, Response $response) use ($feed) {
    switch ($request->server['path_info']) {
        case '/':
            $response->sendfile(__DIR__ . '/pages/events.html');
            break;
        case '/events':
            $feed->serve($response, (int) ($request->header['last-event-id'] ?? 0));
            break;
        default:
            $response->status(404);
            $response->end();
    }
});
$server->start();
