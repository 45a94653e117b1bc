--TEST--
Swoole\Http\Status: codes and reason phrases
--FILE--
<?php
use Swoole\Http\Status;
var_dump(Status::OK, Status::getReasonPhrase(Status::NOT_FOUND), Status::getReasonPhrase(299), Status::getReasonPhrases()[418] ?? null);
foreach ((new ReflectionClass(Status::class))->getConstants() as $name => $code) {
    if (Status::getReasonPhrase($code) === 'Unknown') {
        echo "no phrase for $name\n";
    }
}
class Mine extends Status { protected static $reasonPhrases = [200 => 'Fine']; }
var_dump(Mine::getReasonPhrase(200), Mine::getReasonPhrase(404), Mine::getReasonPhrases(), (new ReflectionClass(Status::class))->isAbstract());
$phrases = Status::getReasonPhrases();
$phrases[200] = 'changed';
var_dump(Status::getReasonPhrase(200));
?>
--EXPECT--
int(200)
string(9) "Not Found"
string(7) "Unknown"
NULL
string(4) "Fine"
string(7) "Unknown"
array(1) {
  [200]=>
  string(4) "Fine"
}
bool(true)
string(2) "OK"
