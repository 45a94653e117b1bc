<?php
/** Looks at a process at 20 %, 40 %, 60 %, 80 % and 100 % of a run. */
final class Watch
{
    /** @var list<array{int, int, int}> done, KiB resident, descriptors */
    private array $seen = [];

    public function __construct(private readonly int $total, private readonly int $pid = 0)
    {
    }

    public function reached(int $done): void
    {
        if ($done * 5 < $this->total * (count($this->seen) + 1)) {
            return;
        }
        $proc = '/proc/' . ($this->pid ?: 'self');
        preg_match('/^VmRSS:\s+(\d+)/m', file_get_contents("$proc/status"), $resident);
        $this->seen[] = [$done, (int) $resident[1], count(scandir("$proc/fd")) - 2];
        vprintf("%11d done  %8d KiB  %3d descriptors\n", end($this->seen));
    }

    /** The exit status: 0 where memory grew by less than 1 % since the first look, and no descriptor is left over. */
    public function verdict(): int
    {
        [$first, $last] = [$this->seen[0], end($this->seen)];
        $growth = ($last[1] - $first[1]) / $first[1] * 100;
        $good = $growth < 1 && $last[2] <= $first[2];
        printf("%s: memory %+.2f %%, descriptors %+d\n", $good ? 'flat' : 'GROWS', $growth, $last[2] - $first[2]);
        return $good ? 0 : 1;
    }
}
