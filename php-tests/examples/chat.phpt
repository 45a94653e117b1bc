--TEST--
examples/chat.php in two windows of Chromium: who is there, what is said, who leaves
--FILE--
<?php
require __DIR__ . '/../_lib/example.inc';
require __DIR__ . '/../_lib/browser.inc';
$example = new Example('chat');
$browser = new Browser;
$enter = function (string $text) use ($browser) {
    $browser->type('#line', $text);
    $browser->click('#send');
};
$join = function (string $name) use ($browser, $example, $enter) {
    $browser->open($example->url());
    $browser->wait('document.getElementById("state").textContent === "connected"');
    $enter($name);
    $browser->wait("document.getElementById('members').innerText.includes('$name (you)')");
};
$lines = fn () => $browser->run('return [...document.querySelectorAll("#log .note, #log .bubble")].map(line => line.innerText.replace(/ · .*/, ""))');
$anna = $browser->current();
$join('Anna');
$bert = $browser->window();
$browser->switch($bert);
$join('Bert');
$enter('Is anybody here? <b>');
$browser->switch($anna);
$browser->wait('document.querySelector(".bubble")');
$enter('I am. 👋 κόσμε');
$browser->switch($bert);
$browser->wait('document.querySelectorAll(".bubble").length === 2');
show($lines());
show($browser->run('return [...document.querySelectorAll("#members li")].map(item => item.innerText.replace(/\s+/g, " "))'));
if ($picture = getenv('PICTURES')) {
    file_put_contents("$picture/chat.png", $browser->picture());
}
$browser->closeWindow();
$browser->switch($anna);
$browser->wait('document.getElementById("log").innerText.includes("has left")');
show($lines());
show($browser->run('return [...document.querySelectorAll("#members li")].length'));
// What is no message of the chat ends the connection, and the page comes back by itself.
$browser->run('socket.send("{}")');
$browser->wait('document.getElementById("state").textContent === "not a message of this chat"');
$browser->wait('document.getElementById("state").textContent === "connected"');
$browser->quit();
$example->stop();
?>
--EXPECT--
["Bert is here","You\nIs anybody here? <b>","Anna\nI am. 👋 κόσμε"]
["A Anna","B Bert (you)"]
["Anna is here","Bert is here","Bert\nIs anybody here? <b>","You\nI am. 👋 κόσμε","Bert has left"]
1
