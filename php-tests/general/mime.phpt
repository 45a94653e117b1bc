--TEST--
MIME types by suffix
--FILE--
<?php
foreach (['index.html', 'A.B.HTML', 'html', 'x.tar.gz', 'no-suffix', 'x.unknown', '', 'app.js', 'a.7z'] as $name) {
    echo "$name: ", swoole_mime_type_get($name), ' ', swoole_mime_type_exists($name) ? 'known' : 'not known', "\n";
}
var_dump(count(swoole_mime_type_list()), swoole_mime_type_add('html', 'text/x'), swoole_mime_type_add('swx', 'text/x'));
var_dump(swoole_get_mime_type('a.swx'), count(swoole_mime_type_list()), in_array('text/x', swoole_mime_type_list(), true));
swoole_mime_type_set('html', 'text/y');
var_dump(swoole_mime_type_get('a.html'), swoole_mime_type_delete('swx'), swoole_mime_type_delete('swx'), swoole_mime_type_delete('gz'));
var_dump(swoole_mime_type_get('a.gz'), count(swoole_mime_type_list()));
?>
--EXPECT--
index.html: text/html known
A.B.HTML: text/html known
html: text/html known
x.tar.gz: application/gzip known
no-suffix: application/octet-stream not known
x.unknown: application/octet-stream not known
: application/octet-stream not known
app.js: application/javascript known
a.7z: application/x-7z-compressed known
int(362)
bool(false)
bool(true)
string(6) "text/x"
int(363)
bool(true)
string(6) "text/y"
bool(true)
bool(false)
bool(true)
string(24) "application/octet-stream"
int(361)
