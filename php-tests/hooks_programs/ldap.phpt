--TEST--
50 clients of libldap bind and search, each answer a quarter of a second late
--EXTENSIONS--
ldap
--FILE--
<?php
require __DIR__ . '/../_lib/boot.inc';
require __DIR__ . '/slow_proxy.inc';
use Swoole\Coroutine;
use function Swoole\Coroutine\run;
function connect(int $port)
{
    $ldap = ldap_connect("ldap://127.0.0.1:$port");
    ldap_set_option($ldap, LDAP_OPT_PROTOCOL_VERSION, 3);
    return $ldap;
}
$ldap = connect((int) getenv('TEST_LDAP_PORT'));
ldap_bind($ldap, 'cn=admin,dc=test', 'swoole');
@ldap_add($ldap, 'dc=test', ['objectClass' => ['dcObject', 'organization'], 'dc' => 'test', 'o' => 'test']);
for ($i = 0; $i < 50; $i++) {
    ldap_add($ldap, "cn=number $i,dc=test", ['objectClass' => 'person', 'cn' => "number $i", 'sn' => "surname $i"]);
}
$port = slow_proxy((int) getenv('TEST_LDAP_PORT'), 0.25);
run(function () use ($port) {
    $right = null;
    $time = elapsed(function () use ($port, &$right) {
        $right = array_sum(Coroutine\map(range(0, 49), function ($i) use ($port) {
            $ldap = connect($port);
            ldap_bind($ldap, 'cn=admin,dc=test', 'swoole');
            $found = ldap_get_entries($ldap, ldap_search($ldap, 'dc=test', "(cn=number $i)", ['sn']));
            return (int) ($found['count'] === 1 && $found[0]['sn'][0] === "surname $i");
        }));
    });
    var_dump($right);
    took($time, 500, 450);
});
?>
--EXPECT--
int(50)
took about 500 ms
