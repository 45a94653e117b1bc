--TEST--
examples/grpc_server.php: the four shapes of gRPC, errors, deadlines and cancelling, by Python's grpcio
--FILE--
<?php
require __DIR__ . '/../_lib/example.inc';
$example = new Example('grpc_server');
$run = run_command(['/usr/bin/python3', __DIR__ . '/grpc_client.py', (string) $example->port], 90);
echo $run->output;
if ($run->exit !== 0) {
    echo $run->errors;
}
$example->stop();
?>
--EXPECT--
unary 144 0 9
server [1, 2, 3, 4, 5] 20000
client -4 12497500 0
both [1, 3, 6, 10] 5050 100
together True True
no method UNIMPLEMENTED: no method /examples.Calculator/Root
no Number INVALID_ARGUMENT: not a Number
too large RESOURCE_EXHAUSTED: a message of 5242880 bytes
deadline DEADLINE_EXCEEDED
cancelled [1, 2, 3] 25
