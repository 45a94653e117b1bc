<?php
/**
 * A chat room: open http://127.0.0.1:9504/ in two windows.
 *
 * Two workers share who is there in a table; push() reaches the connections of both.
 */
use Swoole\Http\{Request, Response};
use Swoole\Table;
use Swoole\WebSocket\{Frame, Server};

final class Room
{
    private Table $members;

    public function __construct(private Server $server, int $seats)
    {
        $this->members = new Table($seats);
        $this->members->column('name', Table::TYPE_STRING, 24);
        $this->members->create();
    }

    /** What a client has sent: {"type": "join", "name": …} or {"type": "say", "text": …}. */
    public function hear(int $fd, string $json): void
    {
        $message = json_decode($json, true);
        $type = is_array($message) ? $message['type'] ?? null : null;
        $name = $this->members->get((string) $fd, 'name');
        if ($type === 'join' && $name === false && ($wanted = self::text($message['name'] ?? null, 24)) !== null) {
            if ($this->members->set((string) $fd, ['name' => $wanted])) {
                $this->tell(['type' => 'joined', 'name' => $wanted, 'members' => $this->names()]);
            } else {
                $this->server->disconnect($fd, SWOOLE_WEBSOCKET_CLOSE_TRY_AGAIN_LATER, 'the room is full');
            }
        } elseif ($type === 'say' && $name !== false && ($text = self::text($message['text'] ?? null, 2000)) !== null) {
            $this->tell(['type' => 'said', 'name' => $name, 'text' => $text, 'time' => time()]);
        } else {
            $this->server->disconnect($fd, SWOOLE_WEBSOCKET_CLOSE_POLICY_ERROR, 'not a message of this chat');
        }
    }

    public function leave(int $fd): void
    {
        $name = $this->members->get((string) $fd, 'name');
        if ($name !== false) {
            $this->members->del((string) $fd);
            $this->tell(['type' => 'left', 'name' => $name, 'members' => $this->names()]);
        }
    }

    private function tell(array $message): void
    {
        $json = json_encode($message, JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES);
        foreach ($this->members as $fd => $_) {
            // One that leaves at this moment is not there any more: its close event follows.
            @$this->server->push((int) $fd, $json);
        }
    }

    private function names(): array
    {
        $names = [];
        foreach ($this->members as $row) {
            $names[] = $row['name'];
        }
        sort($names);
        return $names;
    }

    private static function text(mixed $value, int $longest): ?string
    {
        $text = is_string($value) ? trim($value) : '';
        return $text === '' || strlen($text) > $longest ? null : $text;
    }
}

$host = getenv('HOST') ?: '127.0.0.1';
$port = (int) (getenv('PORT') ?: 9504);
$server = new Server($host, $port, SWOOLE_BASE);
$server->set(['worker_num' => 2, 'websocket_compression' => true]);
$room = new Room($server, 1024);

$server->on('Start', function () use ($host, $port) {
    echo "chat on http://$host:$port/\n";
});
$server->on('Message', fn (Server $server, Frame $frame) => $room->hear($frame->fd, $frame->data));
$server->on('Close', fn (Server $server, int $fd) => $room->leave($fd));
$server->on('Request', function (Request $request, Response $response) {
    if ($request->server['path_info'] !== '/') {
        $response->status(404);
        $response->end();
        return;
    }
    $response->sendfile(__DIR__ . '/pages/chat.html');
});
$server->start();
