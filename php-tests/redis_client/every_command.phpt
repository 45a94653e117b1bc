--TEST--
Coroutine\Redis: each command's method, on a server of its own
--FILE--
<?php
require __DIR__ . '/../_lib/peer.inc';

use Swoole\Coroutine\Redis;

$port = free_port();
$dir = temp_path('.redis');
mkdir($dir);
program(['redis-server', '--bind', '127.0.0.1', '--port', (string) $port, '--dir', $dir, '--save', '', '--enable-debug-command', 'yes']);
wait_for($port);

Swoole\Coroutine\run(function () use ($port) {
    $redis = new Redis(['timeout' => 10]);
    $redis->connect('127.0.0.1', $port);
    $called = [];
    /** A line of what each command gives. */
    $commands = function (string $what, array ...$all) use ($redis, &$called) {
        $answers = [];
        foreach ($all as [$method, $args]) {
            $called[] = strtolower($method);
            $answers[] = $redis->$method(...$args);
            if ($redis->errCode) {
                $answers[] = "$method: $redis->errMsg";
            }
        }
        show($what, ...$answers);
    };
    $sorted = function (array $values) { sort($values); return $values; };

    $commands('strings', ['set', ['s', 'hello']], ['get', ['s']], ['setNx', ['s', 'x']], ['setNx', ['new', 'x']], ['setRange', ['s', 1, 'u']], ['getRange', ['s', 0, 1]], ['getSet', ['s', 'next']], ['append', ['s', '!']], ['strLen', ['s']],
        ['setEx', ['e', 100, 'v']], ['psetEx', ['p', 100_000, 'v']], ['mSet', [['a' => 1, 'b' => 2]]], ['mSetNx', [['a' => 5, 'c' => 3]]], ['mSetNx', [['c' => 3, 'd' => 4]]], ['mGet', [['a', 'c', 'none']]]);
    $commands('bits', ['setBit', ['bits', 7, 1]], ['getBit', ['bits', 7]], ['getBit', ['bits', 6]], ['bitCount', ['bits']], ['set', ['other', "\x03"]], ['bitOp', ['AND', 'both', 'bits', 'other']], ['bitCount', ['both']]);
    $commands('numbers', ['incr', ['n']], ['incrBy', ['n', 9]], ['decr', ['n']], ['decrBy', ['n', 4]], ['incrByFloat', ['n', 0.25]]);
    $commands('keys', ['exists', ['s', 'a', 'none']], ['persist', ['e']], ['ttl', ['e']], ['expire', ['e', 50]], ['ttl', ['e']], ['setTimeout', ['e', 60]], ['pexpire', ['e', 90_000]], ['expireAt', ['e', 4_000_000_000]], ['pexpireAt', ['e', 4_000_000_000_000]],
        ['rename', ['e', 'e2']], ['renameKey', ['e2', 'e3']], ['renameNx', ['e3', 'a']], ['renameNx', ['e3', 'e4']], ['move', ['e4', 2]], ['move', ['e4', 2]], ['type', ['s']], ['del', ['p', 'none']], ['delete', ['d']], ['rename', ['none', 'x']]);
    show('found', $sorted($redis->keys('[ab]')), $sorted($redis->getKeys('[ab]')), in_array($redis->randomKey(), $redis->keys('*'), true), $redis->pttl('s'), $redis->dbSize() === count($redis->keys('*')));
    $dump = $redis->dump('s');
    $commands('copied', ['restore', ['s2', 0, $dump]], ['get', ['s2']], ['restore', ['s2', 0, $dump]]);
    show('debug', str_contains($redis->debug('s'), 'encoding:'));
    array_push($called, 'keys', 'getkeys', 'randomkey', 'pttl', 'dbsize', 'dump', 'debug');

    $commands('hash', ['hSet', ['h', 'a', 1]], ['hSet', ['h', 'a', 2]], ['hSetNx', ['h', 'a', 3]], ['hSetNx', ['h', 'b', 3]], ['hMSet', ['h', ['c' => 4, 'd' => 5]]], ['hGet', ['h', 'c']], ['hMGet', ['h', ['a', 'none']]], ['hGetAll', ['h']], ['hDel', ['h', 'c', 'd', 'none']],
        ['hExists', ['h', 'a']], ['hExists', ['h', 'c']], ['hLen', ['h']], ['hKeys', ['h']], ['hVals', ['h']], ['hIncrBy', ['h', 'a', 5]], ['hIncrByFloat', ['h', 'a', 0.5]]);

    $commands('list', ['rPush', ['l', 'a', 'b']], ['lPush', ['l', 'c']], ['lPushx', ['l', 'd']], ['rPushx', ['l', 'e']], ['lPushx', ['none', 'x']], ['rPushx', ['none', 'x']], ['lRange', ['l', 0, -1]], ['lGetRange', ['l', 0, 1]], ['lSize', ['l']], ['lLen', ['l']],
        ['lIndex', ['l', 0]], ['lGet', ['l', 1]], ['lSet', ['l', 0, 'D']], ['lInsert', ['l', 'AFTER', 'D', 'x']], ['lRem', ['l', 'x', 1]], ['lRemove', ['l', 'none', 0]], ['lPop', ['l']], ['rPop', ['l']], ['blPop', ['none', 'l', 1]], ['brPop', [['l', 'none'], 1]],
        ['rpoplpush', ['l', 'l2']], ['bRPopLPush', ['l2', 'l', 1]], ['rPush', ['l', 1, 2, 3]], ['lTrim', ['l', 1, -1]], ['listTrim', ['l', 0, 0]], ['lRange', ['l', 0, -1]]);
    took(elapsed(fn () => show('waited', $redis->blPop('none', 1), $redis->errCode)), 1000, 700);

    $commands('set', ['sAdd', ['A', 1, 2, 3]], ['sAdd', ['B', 3, 4]], ['sIsMember', ['A', 2]], ['sContains', ['A', 4]], ['sCard', ['A']], ['sSize', ['A']], ['sMembers', ['A']], ['sGetMembers', ['B']], ['sDiff', ['A', 'B']], ['sInter', ['A', 'B']], ['sUnion', ['A', 'B']],
        ['sDiffStore', ['C', 'A', 'B']], ['sInterStore', ['C', 'A', 'B']], ['sUnionStore', ['C', 'A', 'B']], ['sMove', ['A', 'B', 1]], ['sMove', ['A', 'B', 9]], ['sRem', ['A', 2, 9]], ['sRemove', ['A', 3]], ['sRandMember', ['A']]);
    show('any of them', in_array($redis->sRandMember('C'), ['1', '2', '3', '4'], true), count($redis->sRandMember('C', 2)), in_array($redis->sPop('C'), ['1', '2', '3', '4'], true), count($redis->sPop('C', 9)), $redis->sPop('C'));
    $called[] = 'spop';

    $commands('sorted', ['zAdd', ['z', 1, 'a', 2, 'b', 3, 'c']], ['zAdd', ['z', 'XX', 'CH', 9, 'c']], ['zScore', ['z', 'b']], ['zIncrBy', ['z', 1.5, 'b']], ['zRank', ['z', 'b']], ['zRevRank', ['z', 'b']], ['zRank', ['z', 'none']], ['zCard', ['z']], ['zSize', ['z']], ['zCount', ['z', '(1', '+inf']],
        ['zRange', ['z', 0, -1]], ['zRange', ['z', 0, 0, true]], ['zRevRange', ['z', 0, -1]], ['zRevRange', ['z', 0, 0, true]], ['zRangeByScore', ['z', 0, 4]], ['zRevRangeByScore', ['z', '+inf', '-inf', ['limit' => [1, 1]]]],
        ['zAdd', ['lex', 0, 'a', 0, 'b', 0, 'c']], ['zRangeByLex', ['lex', '-', '[b']], ['zRangeByLex', ['lex', '-', '+', 1, 1]], ['zRevRangeByLex', ['lex', '+', '(a']]);
    $commands('stored', ['zInterStore', ['i', ['z', 'lex'], [1, 10], 'SUM']], ['zInter', ['i', ['z', 'lex']]], ['zUnionStore', ['u', ['z', 'lex'], [2, 1], 'MAX']], ['zUnion', ['u', ['z', 'lex']]], ['zRange', ['u', 0, -1, true]],
        ['zRem', ['u', 'a', 'none']], ['zRemove', ['u', 'b']], ['zDelete', ['u', 'c']], ['zRemRangeByScore', ['z', 9, 9]], ['zDeleteRangeByScore', ['z', 100, 200]], ['zRemRangeByRank', ['z', 0, 0]], ['zDeleteRangeByRank', ['z', 5, 9]],
        ['zPopMin', ['lex']], ['zPopMax', ['lex', 1]], ['bzPopMin', ['lex', 1]], ['zAdd', ['lex', 4, 'd']], ['bzPopMax', [['none', 'lex'], 1]]);

    $commands('stream', ['xAdd', ['x', '1-1', ['f' => 'v']]], ['xAdd', ['x', '2-1', ['f' => 'w', 'g' => '']]], ['xAdd', ['x', '3-1', ['f' => 'x'], ['maxlen' => 10]]], ['xLen', ['x']], ['xRange', ['x', '-', '+', 1]], ['xRevRange', ['x', '+', '-', 1]], ['xRead', [['x' => '2-1'], ['count' => 5]]], ['xDel', ['x', ['3-1']]],
        ['xGroupCreate', ['x', 'g', '0']], ['xGroupCreateConsumer', ['x', 'g', 'idle']], ['xReadGroup', ['g', 'me', ['x' => '>'], ['count' => 2]]], ['xPending', ['x', 'g']], ['xAck', ['x', 'g', ['1-1']]], ['xClaim', ['x', 'g', 'idle', 0, ['2-1']]], ['xAutoClaim', ['x', 'g', 'me', 0, '0-0']],
        ['xGroupDelConsumer', ['x', 'g', 'idle']], ['xGroupSetId', ['x', 'g', '$']], ['xGroupDestroy', ['x', 'g']], ['xTrim', ['x', ['maxlen' => 1]]]);
    $redis->xGroupCreate('made', 'g', '$', true);
    $redis->xGroupCreateConsumer('made', 'g', 'c');
    show('about streams', $redis->xInfoConsumers('made', 'g')[0][1], $redis->xInfoGroups('made')[0][1], array_search('length', $redis->xInfoStream('made')) !== false);
    array_push($called, 'xinfoconsumers', 'xinfogroups', 'xinfostream');

    $commands('counted', ['pfadd', ['pf', ['a', 'b', 'c']]], ['pfadd', ['pf', ['a']]], ['pfadd', ['pf2', ['c', 'd']]], ['pfcount', ['pf']], ['pfcount', ['pf', 'pf2']], ['pfmerge', ['pf3', ['pf', 'pf2']]], ['pfcount', ['pf3']]);
    $commands('scripts', ['eval', ['return ARGV[1]', ['x']]], ['script', ['load', 'return 1']], ['evalSha', [sha1('return 1')]], ['script', ['exists', sha1('return 1'), sha1('')]], ['script', ['flush']], ['evalSha', [sha1('return 1')]]);
    $other = new Redis;
    $other->connect('127.0.0.1', $port);
    $commands('transactions', ['watch', ['s', 'n']], ['multi', []], ['incr', ['t']], ['exec', []], ['watch', ['n']], ['unwatch', []], ['multi', []], ['incr', ['t']], ['discard', []], ['get', ['t']], ['exec', []]);
    $redis->watch('n');
    $other->set('n', 5);
    $redis->multi();
    $redis->incr('n');
    show('watched', $redis->exec(), $redis->get('n'));
    $commands('published', ['publish', ['nobody', 'x']]);

    $commands('server', ['ping', []], ['auth', ['password']], ['select', [1]], ['dbSize', []], ['set', ['k', 1]], ['flushDB', []], ['dbSize', []], ['select', [99]], ['save', []], ['bgSave', []], ['select', [0]], ['flushAll', []], ['dbSize', []]);
    show('about it', $redis->role()[0], abs($redis->lastSave() - time()) < 60, abs($redis->time()[0] - time()) < 60);
    eventually(fn () => str_contains($redis->request(['INFO', 'persistence']), 'rdb_bgsave_in_progress:0'));
    show(is_string($redis->bgrewriteaof()) || $redis->bgrewriteaof());
    array_push($called, 'role', 'lastsave', 'time', 'bgrewriteaof');

    // Wrong types and counts are the server's errors, and the connection goes on.
    $redis->set('string', 'x');
    foreach ([fn () => $redis->lPush('string', 'y'), fn () => $redis->incr('string'), fn () => $redis->hGet('string', 'f'), fn () => $redis->select('no number'), fn () => $redis->zAdd('z', 'no number', 'a')] as $wrong) {
        show($wrong(), $redis->errType === SWOOLE_REDIS_ERR_OTHER, $redis->errMsg);
    }
    thrown(fn () => $redis->get());
    show('goes on', $redis->get('string'), $redis->errCode, $redis->errMsg);

    $own = array_map(strtolower(...), ['__construct', '__destruct', 'connect', 'getAuth', 'getDBNum', 'getOptions', 'setOptions', 'getDefer', 'setDefer', 'recv', 'request', 'close', 'subscribe', 'pSubscribe', 'unsubscribe', 'pUnSubscribe']);
    show('not called', array_values(array_diff(array_map(strtolower(...), get_class_methods($redis)), $own, $called)));
});
exec('rm -r ' . escapeshellarg($dir));
?>
--EXPECT--
strings true hello 0 1 5 hu hullo 5 5 true true true 0 1 ["1","3",null]
bits 0 1 0 1 true 1 1
numbers 1 10 9 5 5.25
keys 2 1 -1 1 50 1 1 1 1 true true 0 1 1 0 1 1 1 false rename: ERR no such key
found ["a","b"] ["a","b"] true -1 true
copied true next! false restore: BUSYKEY Target key name already exists.
debug true
hash 1 0 0 1 true 4 ["2",null] ["a","2","b","3","c","4","d","5"] 2 1 0 2 ["a","b"] ["2","3"] 7 7.5
list 2 3 4 5 0 0 ["d","c","a","b","e"] ["d","c"] 5 5 d c true 6 1 0 D e ["l","c"] ["l","b"] a a 4 true true ["1"]
waited null 0
took about 1000 ms
set 3 2 1 0 3 3 ["1","2","3"] ["3","4"] ["1","2"] ["3"] ["1","2","3","4"] 2 1 4 1 0 1 1 null
any of them true 2 true 3 null
sorted 3 1 2 3.5 1 1 null 3 3 2 ["a","b","c"] ["a","1"] ["c","b","a"] ["c","9"] ["a","b"] ["b"] 3 ["a","b"] ["b"] ["c","b"]
stored 3 3 3 3 ["a","1","b","3.5","c","9"] 1 1 1 1 0 1 0 ["a","0"] ["c","0"] ["lex","b","0"] 1 ["lex","d","4"]
stream 1-1 2-1 3-1 3 [["1-1",["f","v"]]] [["3-1",["f","x"]]] [["x",[["3-1",["f","x"]]]]] 1 true 1 [["x",[["1-1",["f","v"]],["2-1",["f","w","g",""]]]]] [2,"1-1","2-1",[["me","2"]]] 1 [["2-1",["f","w","g",""]]] ["0-0",[["2-1",["f","w","g",""]]],[]] 0 true 1 1
about streams c g true
counted 1 0 1 3 4 true 4
scripts x e0e1f9fabfc9d4800c877a703b823ac0578ff8db 1 [1,0] true false evalSha: NOSCRIPT No matching script. Please use EVAL.
transactions true true QUEUED [1] true true true QUEUED true 1 false exec: ERR EXEC without MULTI
watched null 5
published 0
server PONG false auth: ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct? true 0 true true 0 false select: ERR DB index is out of range true Background saving started true true 0
about it master true true
true
false true WRONGTYPE Operation against a key holding the wrong kind of value
false true ERR value is not an integer or out of range
false true WRONGTYPE Operation against a key holding the wrong kind of value
false true ERR value is not an integer or out of range
false true ERR value is not a valid float
ArgumentCountError(0): Swoole\Coroutine\Redis::get() expects exactly 1 argument, 0 given
goes on x 0 
not called []
