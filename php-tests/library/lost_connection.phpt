--TEST--
DetectsLostConnections knows a lost connection by the text of its exception
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
use Swoole\Database\DetectsLostConnections;
$texts = [
    'SQLSTATE[HY000]: General error: 2006 MySQL server has gone away',
    'Lost connection to MySQL server during query',
    'SSL connection has been closed unexpectedly',
    'SQLSTATE[42S02]: Base table or view not found',
    '',
];
foreach ($texts as $text) {
    show((new DetectsLostConnections)->causedByLostConnection(new Exception($text)), $text);
}
show(DetectsLostConnections::causedByLostConnection(new Error('Connection reset by peer')));
try {
    DetectsLostConnections::causedByLostConnection('text');
} catch (TypeError $error) {
    echo get_class($error), "\n";
}
?>
--EXPECT--
true SQLSTATE[HY000]: General error: 2006 MySQL server has gone away
true Lost connection to MySQL server during query
true SSL connection has been closed unexpectedly
false SQLSTATE[42S02]: Base table or view not found
false 
true
TypeError
