<?php
/** Looks at a process twenty times in a run. */
final class Watch
{
    /** @var list<array{int, int, int}> done, KiB resident, descriptors */
    private array $seen = [];

    public function __construct(private readonly int $total, private readonly int $pid = 0)
    {
    }

    public function reached(int $done): void
    {
        if ($done * 20 < $this->total * (count($this->seen) + 1)) {
            return;
        }
        $proc = '/proc/' . ($this->pid ?: 'self');
        preg_match('/^VmRSS:\s+(\d+)/m', file_get_contents("$proc/status"), $resident);
        $this->seen[] = [$done, (int) $resident[1], count(scandir("$proc/fd")) - 2];
        if (count($this->seen) % 4 === 0) {
            vprintf("%11d done  %8d KiB  %3d descriptors\n", end($this->seen));
        }
    }

    /**
     * The exit status: 0 where memory grew by less than 1 % from the run's second fifth to its last, and no
     * descriptor is left over.
     */
    public function verdict(): int
    {
        $fifth = intdiv(count($this->seen), 5);
        $mean = fn (array $looks) => array_sum(array_column($looks, 1)) / count($looks);
        $growth = ($mean(array_slice($this->seen, -$fifth)) / $mean(array_slice($this->seen, $fifth, $fifth)) - 1) * 100;
        $left = end($this->seen)[2] - $this->seen[$fifth][2];
        $good = $growth < 1 && $left <= 0;
        printf("%s: memory %+.2f %%, descriptors %+d\n", $good ? 'flat' : 'GROWS', $growth, $left);
        return $good ? 0 : 1;
    }
}
