--TEST--
Request's properties can be read, written and listed, not unset
--FILE--
<?php
require __DIR__ . '/../_lib/http.inc';
$server = TestServer::handler(function ($request, $response) {
    $before = array_keys(array_filter(get_object_vars($request), fn ($value) => $value !== null));
    sort($before);
    $request->get['added'] = 'x';
    $copy = $request->header;
    $copy['host'] = 'changed';
    try {
        unset($request->cookie);
    } catch (Error $error) {
        $refused = true;
    }
    $response->end(json_encode([$before, $request->get, $refused ?? false, $request->header['host'], isset($request->cookie), isset($request->post), empty($request->get)]));
});
show($server->get('/?a=1', ['Cookie' => 'c=1'])->body);
?>
--EXPECT--
[["cookie","fd","get","header","server","streamId"],{"a":"1","added":"x"},true,"localhost",true,false,false]
