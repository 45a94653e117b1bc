<?php
/**
 * A REST API for notes, kept in shared memory by several workers.
 *
 *   curl -d '{"title": "milk"}' http://127.0.0.1:9502/notes           201, and Location
 *   curl http://127.0.0.1:9502/notes/1
 *   curl -X PATCH -d '{"done": true}' http://127.0.0.1:9502/notes/1
 *   curl 'http://127.0.0.1:9502/notes?done=1'
 *   curl -X DELETE http://127.0.0.1:9502/notes/1
 */
use Swoole\{Atomic, Table};
use Swoole\Http\{Request, Response, Server};

final class Problem extends Exception
{
    public function __construct(public readonly int $status, string $detail, public readonly array $headers = [])
    {
        parent::__construct($detail);
    }
}

/** The notes, the same for every worker: the table and the counter were made before the fork. */
final class Notes
{
    private Table $table;
    private Atomic\Long $last;

    public function __construct(int $room)
    {
        $this->table = new Table($room);
        $this->table->column('title', Table::TYPE_STRING, 200);
        $this->table->column('done', Table::TYPE_INT, 1);
        $this->table->create();
        $this->last = new Atomic\Long(0);
    }

    public function all(?bool $done): array
    {
        $notes = [];
        foreach ($this->table as $id => $row) {
            if ($done === null || (bool) $row['done'] === $done) {
                $notes[] = self::shape((int) $id, $row);
            }
        }
        usort($notes, fn ($a, $b) => $a['id'] <=> $b['id']);
        return $notes;
    }

    public function add(array $fields): array
    {
        $id = $this->last->add(1);
        if (!$this->table->set((string) $id, self::checked($fields, true) + ['done' => 0])) {
            throw new Problem(507, 'there is no room for another note');
        }
        return $this->find($id);
    }

    public function find(int $id): array
    {
        $row = $this->table->get((string) $id) ?: throw new Problem(404, "no note $id");
        return self::shape($id, $row);
    }

    public function change(int $id, array $fields): array
    {
        $this->find($id);
        $this->table->set((string) $id, self::checked($fields, false));
        return $this->find($id);
    }

    public function remove(int $id): void
    {
        $this->find($id);
        $this->table->del((string) $id);
    }

    private static function checked(array $fields, bool $new): array
    {
        if ($unknown = array_diff(array_keys($fields), ['title', 'done'])) {
            throw new Problem(422, 'unknown field ' . reset($unknown));
        }
        if ($new && !isset($fields['title'])) {
            throw new Problem(422, 'title is missing');
        }
        $row = [];
        if (isset($fields['title'])) {
            if (!is_string($fields['title']) || $fields['title'] === '' || strlen($fields['title']) > 200) {
                throw new Problem(422, 'title is a text of 1 to 200 bytes');
            }
            $row['title'] = $fields['title'];
        }
        if (isset($fields['done'])) {
            if (!is_bool($fields['done'])) {
                throw new Problem(422, 'done is true or false');
            }
            $row['done'] = (int) $fields['done'];
        }
        return $row;
    }

    private static function shape(int $id, array $row): array
    {
        return ['id' => $id, 'title' => $row['title'], 'done' => (bool) $row['done']];
    }
}

function json_body(Request $request): array
{
    $body = json_decode($request->rawContent(), true);
    if (!is_array($body) || ($body !== [] && array_is_list($body))) {
        throw new Problem(400, 'the body is no JSON object');
    }
    return $body;
}

/** What a request asks for: status, body, headers. */
function answer(Notes $notes, Request $request): array
{
    $path = $request->server['path_info'];
    $method = $request->getMethod();
    if ($path === '/notes') {
        switch ($method) {
            case 'GET':
                $done = isset($request->get['done']) ? filter_var($request->get['done'], FILTER_VALIDATE_BOOL) : null;
                return [200, $notes->all($done), []];
            case 'POST':
                $note = $notes->add(json_body($request));
                return [201, $note, ['Location' => "/notes/{$note['id']}"]];
        }
        throw new Problem(405, "no $method here", ['Allow' => 'GET, POST']);
    }
    if (preg_match('~^/notes/(\d{1,18})$~', $path, $found)) {
        $id = (int) $found[1];
        switch ($method) {
            case 'GET':
                return [200, $notes->find($id), []];
            case 'PATCH':
                return [200, $notes->change($id, json_body($request)), []];
            case 'DELETE':
                $notes->remove($id);
                return [204, null, []];
        }
        throw new Problem(405, "no $method here", ['Allow' => 'GET, PATCH, DELETE']);
    }
    throw new Problem(404, 'nothing here');
}

$host = getenv('HOST') ?: '127.0.0.1';
$port = (int) (getenv('PORT') ?: 9502);
$notes = new Notes(1024);
$server = new Server($host, $port);
$server->set(['worker_num' => 2]);
$server->on('Start', function () use ($host, $port) {
    echo "notes on http://$host:$port/notes\n";
});
$server->on('Request', function (Request $request, Response $response) use ($notes) {
    try {
        [$status, $body, $headers] = answer($notes, $request);
    } catch (Problem $problem) {
        [$status, $body, $headers] = [$problem->status, ['error' => $problem->getMessage()], $problem->headers];
    }
    foreach ($headers as $name => $value) {
        $response->header($name, $value);
    }
    $response->status($status);
    if ($body === null) {
        $response->end();
        return;
    }
    $response->header('Content-Type', 'application/json');
    $response->end(json_encode($body, JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE) . "\n");
});
$server->start();
