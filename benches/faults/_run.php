<?php
/** Runs one fault: php _run.php NAME base|process. Each NAME.php returns a function of a Trial. */
require __DIR__ . '/../../php-tests/_lib/server.inc';

final class Trial
{
    private array $problems = [];
    private array $before;
    private array $notes = [];
    public Served $server;
    /** @var list<int> */
    private array $sessions = [];

    public function __construct(public readonly string $name, public readonly int $mode)
    {
        $this->before = self::things();
    }

    public function isProcess(): bool
    {
        return $this->mode === SWOOLE_PROCESS;
    }

    /** Starts a server in a session of its own, so that all of its processes can be found. */
    public function serve(callable $configure, array $settings = [], string $class = Swoole\Server::class): Served
    {
        $this->server = Served::start(function ($server) use ($configure) {
            posix_setsid();
            ini_set('display_errors', '0');
            $configure($server);
        }, $settings + ['worker_num' => 2, 'reactor_num' => 2, 'backlog' => 8192, 'log_level' => SWOOLE_LOG_WARNING], $this->mode, class: $class);
        $this->sessions[] = $this->server->child->pid;
        return $this->server;
    }

    /** Live processes of the server: their pids and command lines; zombies are not live. */
    public function processes(): array
    {
        $found = [];
        foreach (glob('/proc/[0-9]*/stat') as $file) {
            $stat = @file_get_contents($file);
            if ($stat && preg_match('/^(\d+) \(.*\) (\S) \d+ \d+ (\d+)/', $stat, $match) && in_array((int) $match[3], $this->sessions, true) && $match[2] !== 'Z') {
                $found[] = (int) $match[1];
            }
        }
        return $found;
    }

    public function expect(bool $holds, string $what, mixed ...$values): void
    {
        if (!$holds) {
            $this->problems[] = $what . ($values ? ' ' . json_encode($values) : '');
        }
    }

    public function note(string $text): void
    {
        $this->notes[] = $text;
    }

    /** What processes leave in the system. */
    private static function things(): array
    {
        return ['shm' => glob('/dev/shm/*'), 'queues' => preg_grep('/^\s*0\s+\d+\s+600\s/', file('/proc/sysvipc/msg'))];
    }

    /** The statistics once every client has left. */
    public function rest(array $stats): void
    {
        $exact = array_intersect_key($stats, ['connection_num' => 1, 'concurrency' => 1, 'tasking_num' => 1, 'task_queue_num' => 1]);
        $this->expect(array_filter($exact) === [], 'statistics are not at rest', $exact);
        $this->expect($stats['accept_count'] === $stats['close_count'], 'accepted and closed differ', $stats['accept_count'], $stats['close_count']);
    }

    /** $server->stats() from a file that the server writes, once $ready says so. */
    public function settled(callable $stats, float $seconds = 10): array
    {
        $last = [];
        eventually(function () use ($stats, &$last) {
            $last = $stats();
            return $last['connection_num'] === 0 && ($last['tasking_num'] ?? 0) === 0 && $last['concurrency'] === 0;
        }, $seconds);
        return $last;
    }

    public function verdict(): int
    {
        // Let whatever still ends end.
        eventually(fn () => $this->processes() === [], 8);
        $left = $this->processes();
        $this->expect($left === [], 'processes are left', array_map(fn ($pid) => trim(strtr((string) @file_get_contents("/proc/$pid/cmdline"), "\0", ' ')), $left));
        foreach ($left as $pid) {
            posix_kill($pid, SIGKILL);
        }
        foreach (self::things() as $kind => $now) {
            $this->expect(array_diff($now, $this->before[$kind]) === [], "$kind are left", array_diff($now, $this->before[$kind]));
        }
        $this->expect(!@stream_socket_client("tcp://127.0.0.1:{$this->server->port}", $code, $text, 1), 'the port still accepts');
        printf("%-8s %-10s %s%s\n", $this->isProcess() ? 'process' : 'base', $this->name, $this->problems ? 'BAD' : 'good', $this->notes ? '  ' . implode(', ', $this->notes) : '');
        foreach ($this->problems as $problem) {
            echo "         $problem\n";
        }
        if ($this->problems) {
            echo preg_replace('/^/m', '         | ', implode('', array_slice(file($this->server->log), -12))), "\n";
        }
        return $this->problems ? 1 : 0;
    }
}

/** Clients that ask one question after the other, each in a process of its own, until told to stop. */
final class Load
{
    public readonly Swoole\Atomic $answered, $broken, $wrong, $silent;
    private Swoole\Atomic $stop;
    private array $children;

    /** @param callable(int $client, int $n): string $question; the answer is "echo " and the question */
    public function __construct(private Served $server, int $clients, callable $question, bool $fresh = false, float $timeout = 2)
    {
        [$this->answered, $this->broken, $this->wrong, $this->silent, $this->stop] = array_map(fn () => new Swoole\Atomic(), range(1, 5));
        $this->children = array_map(fn ($client) => Child::fork(function () use ($client, $question, $fresh, $timeout) {
            for ($n = 0, $socket = null; $this->stop->get() === 0; $n++) {
                $socket ??= @stream_socket_client("tcp://127.0.0.1:{$this->server->port}", $code, $text, 2) ?: null;
                if (!$socket) {
                    usleep(2000);
                    continue;
                }
                stream_set_timeout($socket, (int) $timeout, (int) (fmod($timeout, 1) * 1e6));
                $ask = $question($client, $n);
                @fwrite($socket, "$ask\r\n");
                $answer = @fgets($socket);
                $late = $socket && stream_get_meta_data($socket)['timed_out'];
                match (true) {
                    $answer === "echo $ask\r\n" => $this->answered->add(),
                    $late => $this->silent->add(),
                    $answer === false, $answer === '' => $this->broken->add(),
                    default => $this->wrong->add(),
                };
                if ($fresh || $late || $answer !== "echo $ask\r\n") {
                    fclose($socket);
                    $socket = null;
                }
            }
        }), range(1, $clients));
    }

    /** Waits until $more answers have come. */
    public function goesOn(int $more, float $seconds = 10): bool
    {
        $from = $this->answered->get();
        return eventually(fn () => $this->answered->get() >= $from + $more, $seconds);
    }

    public function stop(): void
    {
        $this->stop->set(1);
        foreach ($this->children as $child) {
            $child->wait();
        }
    }

    public function counts(): string
    {
        return "{$this->answered->get()} answered, {$this->broken->get()} broken, {$this->silent->get()} silent";
    }
}

/** The processor time that these processes have used, in seconds. */
function cpu(array $pids): float
{
    $ticks = 0;
    foreach ($pids as $pid) {
        $fields = explode(' ', preg_replace('/^.*\) /', '', (string) @file_get_contents("/proc/$pid/stat")));
        $ticks += (int) ($fields[11] ?? 0) + (int) ($fields[12] ?? 0);
    }
    return $ticks / 100;
}

/** Echoes lines, tells statistics and processes, and passes on to tasks what begins with "task". */
function echo_server(Swoole\Server|Swoole\Server\Port $server): void
{
    $server->on('Receive', function ($server, $fd, $reactor, $data) {
        $data = rtrim($data);
        match (true) {
            $data === 'stats' => $server->send($fd, json_encode($server->stats()) . "\r\n"),
            $data === 'pids' => $server->send($fd, json_encode(array_map($server->getWorkerPid(...), range(0, $server->setting['worker_num'] + ($server->setting['task_worker_num'] ?? 0) - 1))) . "\r\n"),
            str_starts_with($data, 'task') => $server->task([$fd, $data]),
            str_starts_with($data, 'wait') => $server->send($fd, "echo {$server->taskwait($data, 5)}\r\n"),
            default => $server->send($fd, "echo $data\r\n"),
        };
    });
    if ($server instanceof Swoole\Server\Port) {
        return;
    }
    $server->on('Task', fn ($server, $id, $from, $data) => $data);
    $server->on('Finish', fn ($server, $id, $data) => $server->send($data[0], "echo $data[1]\r\n"));
}

const LINES = ['open_eof_split' => true, 'package_eof' => "\r\n"];

/** @param object{port: int} $server */
function ask(object $server, string $line): mixed
{
    $socket = @stream_socket_client("tcp://127.0.0.1:$server->port", $code, $text, 3);
    if (!$socket) {
        return null;
    }
    stream_set_timeout($socket, 3);
    fwrite($socket, "$line\r\n");
    $answer = fgets($socket);
    fclose($socket);
    return json_decode((string) $answer, true) ?? $answer;
}

/** Statistics, without the connection that asks for them. */
function stats(object $server): array
{
    $stats = (array) ask($server, 'stats') + ['connection_num' => 99, 'accept_count' => 0, 'close_count' => -1, 'concurrency' => 0];
    $stats['connection_num']--;
    $stats['accept_count']--;
    return $stats;
}

[, $name, $mode] = $argv;
$trial = new Trial($name, $mode === 'process' ? SWOOLE_PROCESS : SWOOLE_BASE);
(require __DIR__ . "/$name.php")($trial);
exit($trial->verdict());
