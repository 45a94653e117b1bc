// ws_client.js URL: talks to an echo server at the URL, and prints what it heard.
'use strict';
const crypto = require('crypto');
const { once } = require('events');
const WebSocket = require('ws');

const url = process.argv[2];
// What comes while nobody waits is kept: once() would miss it.
class Peer {
    constructor(options) {
        this.socket = new WebSocket(url, ['chat', 'other'], { handshakeTimeout: 5000, maxPayload: 1 << 24, ...options });
        this.kept = [];
        this.waiting = null;
        this.socket.on('message', (data, binary) => {
            const message = { data, binary };
            if (this.waiting) {
                this.waiting(message);
                this.waiting = null;
            } else {
                this.kept.push(message);
            }
        });
        this.closed = once(this.socket, 'close');
    }

    next() {
        return this.kept.length ? Promise.resolve(this.kept.shift()) : new Promise((done) => { this.waiting = done; });
    }
}

async function talk(name, options) {
    const peer = new Peer(options);
    const { socket } = peer;
    await once(socket, 'open');
    console.log(name, socket.protocol, socket.extensions.split(';')[0] || 'plain');
    for (const message of ['hello', '', 'ü€😀'.repeat(30000), crypto.randomBytes(100000), Buffer.alloc(200000)]) {
        socket.send(message);
        const { data, binary } = await peer.next();
        console.log(data.equals(Buffer.from(message)), binary === (typeof message !== 'string'));
    }
    socket.send('in ', { fin: false });
    socket.ping('between');
    const [pong] = await once(socket, 'pong');
    socket.send('three ', { fin: false });
    socket.send('fragments', { fin: true });
    console.log(String((await peer.next()).data), String(pong));
    // Many under way at once come back in order.
    const many = Array.from({ length: 200 }, (_, n) => `${n} ` + 'x'.repeat(n * 7));
    many.forEach((text) => socket.send(text));
    let same = 0;
    for (const text of many) {
        same += String((await peer.next()).data) === text;
    }
    console.log('in order', same);
    socket.close(4002, 'done here');
    const [code, reason] = await peer.closed;
    console.log('closed', code, String(reason));
}

async function ends(text) {
    const peer = new Peer({});
    await once(peer.socket, 'open');
    peer.socket.send(text);
    const [code, reason] = await peer.closed;
    console.log(text, code, String(reason));
}

async function main() {
    await talk('without', { perMessageDeflate: false });
    await talk('deflate', { perMessageDeflate: { threshold: 0 } });
    await talk('no takeover', { perMessageDeflate: { threshold: 0, clientNoContextTakeover: true, serverNoContextTakeover: true } });
    await talk('small window', { perMessageDeflate: { threshold: 0, clientMaxWindowBits: 10, serverMaxWindowBits: 9 } });
    await Promise.all(Array.from({ length: 20 }, async () => {
        const peer = new Peer({});
        await once(peer.socket, 'open');
        const text = crypto.randomBytes(500).toString('hex');
        peer.socket.send(text);
        if (String((await peer.next()).data) !== text) {
            console.log('another one\'s message');
        }
        peer.socket.close();
        await peer.closed;
    }));
    console.log('twenty at once');
    await ends('close me');
    await ends('x'.repeat(5) + ' drop me');
}

main().catch((error) => { console.log('failed:', error.message); process.exit(1); });
