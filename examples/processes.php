<?php
/** Two child processes that share a counter, and answer over their pipes. */
use Swoole\{Atomic, Process};

$counter = new Atomic;
$children = [];
for ($i = 1; $i <= 2; $i++) {
    $process = new Process(function (Process $child) use ($counter, $i) {
        while (($line = $child->read()) !== 'quit') {
            $child->write("child $i, request " . $counter->add() . ": $line");
        }
    });
    $process->start();
    $children[] = $process;
}
foreach (['one', 'two'] as $line) {
    foreach ($children as $child) {
        $child->write($line);
        echo $child->read(), "\n";
    }
}
foreach ($children as $child) {
    $child->write('quit');
    $status = Process::wait();
    echo "process {$status['pid']} ended with {$status['code']}\n";
}
