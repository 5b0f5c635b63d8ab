// Facts about Switchboard as stompjs sees them: node stompjs.mjs WS_URL WSS_URL CA_FILE
// Prints "ok NAME" for each; ends with status 1 at the first that does not hold.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { Client, Versions } from '@stomp/stompjs';
import WebSocket from 'ws';

const [wsUrl, wssUrl, caFile] = process.argv.slice(2);
const ca = readFileSync(caFile);
Object.assign(globalThis, { WebSocket });

const within = (promise, what) => {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: nothing within 20 s`)), 20000);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
};

/** A connected client. */
async function connect(options = {}) {
  const client = new Client({ brokerURL: wsUrl, reconnectDelay: 0, ...options });
  const connected = new Promise((resolve, reject) => {
    client.onConnect = (frame) => resolve(frame);
    client.onStompError = (frame) => reject(new Error(`${frame.headers.message}: ${frame.body}`));
    client.onWebSocketError = (event) => reject(new Error(`WebSocket: ${event.message}`));
  });
  client.activate();
  client.connected_ = await within(connected, 'CONNECTED');
  return client;
}

/** The receipt of what `act` sends with the id it is given. */
const receipt = (client, act) => {
  const id = `r-${Math.random()}`;
  const came = new Promise((resolve) => client.watchForReceipt(id, resolve));
  act(id);
  return within(came, `receipt ${id}`);
};

/** Subscribes and waits until the subscription is active; answers the messages that come. */
async function subscribe(client, destination, headers = {}) {
  const messages = [];
  const waiting = [];
  await receipt(client, (id) =>
    client.subscribe(destination, (message) => {
      const next = waiting.shift();
      if (next) next(message);
      else messages.push(message);
    }, { receipt: id, ...headers }));
  return {
    next: () => within(messages.length
      ? Promise.resolve(messages.shift())
      : new Promise((resolve) => waiting.push(resolve)), `MESSAGE of ${destination}`),
    waiting: messages,
  };
}

/** Puts messages into a queue and is a consumer that has got them all. */
async function consume(client, queue, bodies, headers) {
  for (const body of bodies) {
    await receipt(client, (id) => client.publish({ destination: queue, body, headers: { receipt: id } }));
  }
  const messages = await subscribe(client, queue, headers);
  const got = [];
  for (const body of bodies) {
    got.push(await messages.next());
    assert.equal(got.at(-1).body, body);
  }
  return got;
}

/** What waits in a queue. */
async function restOf(queue) {
  const client = await connect();
  await receipt(client, (id) => client.publish({ destination: queue, body: 'the end', headers: { receipt: id } }));
  const messages = await subscribe(client, queue);
  const rest = [];
  for (let body = (await messages.next()).body; body !== 'the end'; body = (await messages.next()).body) rest.push(body);
  await client.deactivate();
  return rest;
}

const facts = {
  async 'every version connects and carries a message'() {
    for (const [version, offered] of [['1.2', ['1.2', '1.1', '1.0']], ['1.1', ['1.1']], ['1.0', ['1.0']]]) {
      const client = await connect({ stompVersions: new Versions(offered) });
      assert.equal(client.connectedVersion, version);
      assert.equal(client.webSocket.protocol, `v${version.replace('.', '')}.stomp`);
      const messages = await subscribe(client, `/topic/js.v${version}`);
      client.publish({ destination: `/topic/js.v${version}`, body: 'grüß dich 🙂', headers: { colour: 'blue' } });
      const message = await messages.next();
      assert.equal(message.body, 'grüß dich 🙂');
      assert.equal(message.headers.colour, 'blue');
      await client.deactivate();
    }
  },

  async 'no subprotocol is offered and none is answered (Q1)'() {
    const client = await connect({ brokerURL: undefined, webSocketFactory: () => new WebSocket(wsUrl) });
    assert.equal(client.webSocket.protocol, '');
    assert.equal(client.connectedVersion, '1.2');
    await client.deactivate();
  },

  async 'a header with every character that is escaped comes back the same'() {
    const client = await connect();
    const messages = await subscribe(client, '/topic/js.escapes');
    client.publish({ destination: '/topic/js.escapes', headers: { odd: 'a:b\nc\rd' }, body: '' });
    assert.equal((await messages.next()).headers.odd, 'a:b\nc\rd');
    await client.deactivate();
  },

  async 'a binary body with every octet comes back the same, in a binary message'() {
    const client = await connect();
    const messages = await subscribe(client, '/topic/js.binary');
    const octets = Uint8Array.from({ length: 256 }, (_, i) => i);
    client.publish({ destination: '/topic/js.binary', binaryBody: octets });
    assert.deepEqual((await messages.next()).binaryBody, octets);
    await client.deactivate();
  },

  async 'a frame that is split over WebSocket messages is one frame (Q3, N07)'() {
    const client = await connect({ splitLargeFrames: true });
    const messages = await subscribe(client, '/topic/js.large');
    const body = 'x'.repeat(100000);
    client.publish({ destination: '/topic/js.large', body });
    assert.equal((await messages.next()).body, body);
    await client.deactivate();
  },

  async 'an emoji on the border of a split frame gets an ERROR that names the cause (Q3)'() {
    const client = await connect({ splitLargeFrames: true });
    const failed = new Promise((resolve) => { client.onStompError = resolve; });
    for (let pad = 0; pad < 2; pad++) {
      // One of the two lengths puts the border between the halves of a pair.
      client.publish({ destination: '/topic/js.emoji', body: 'a'.repeat(pad) + '🙂'.repeat(9000) });
    }
    const error = await within(failed, 'ERROR');
    assert.match(error.body, /splitLargeFrames/);
    await client.deactivate({ force: true });
  },

  async 'a body of the limit works and one above it gets an ERROR that names it (N12)'() {
    const client = await connect();
    const messages = await subscribe(client, '/topic/js.limit');
    client.publish({ destination: '/topic/js.limit', body: 'y'.repeat(1048576) });
    assert.equal((await messages.next()).body.length, 1048576);
    const failed = new Promise((resolve) => { client.onStompError = resolve; });
    client.publish({ destination: '/topic/js.limit', body: 'y'.repeat(1048577) });
    assert.match((await within(failed, 'ERROR')).body, /1048576/);
    await client.deactivate({ force: true });
  },

  async 'compression is agreed, used both ways, and changes nothing (RFC 7692)'() {
    const client = await connect();
    assert.equal(client.webSocket.extensions, 'permessage-deflate');
    const plain = await connect({
      brokerURL: undefined,
      webSocketFactory: () => new WebSocket(wsUrl, ['v12.stomp'], { perMessageDeflate: false }),
    });
    assert.equal(plain.webSocket.extensions, '');
    const [messages, others] = [await subscribe(client, '/topic/js.deflate'), await subscribe(plain, '/topic/js.deflate')];
    const bytes = (each) => [each.webSocket._socket.bytesWritten, each.webSocket._socket.bytesRead];
    const [written, read] = bytes(client);
    for (const times of [1, 100, 10000, 50000]) {
      const body = 'grüß dich 🙂 '.repeat(times);
      client.publish({ destination: '/topic/js.deflate', body });
      assert.equal((await messages.next()).body, body);
      assert.equal((await others.next()).body, body);
    }
    const [writtenThen, readThen] = bytes(client);
    assert.ok(writtenThen - written < 50000, `${writtenThen - written} bytes written`);
    assert.ok(readThen - read < 50000, `${readThen - read} bytes read`);
    assert.ok(bytes(plain)[1] > 900000);
    await client.deactivate();
    await plain.deactivate();
  },

  async 'two clients talk in order, and unsubscribing ends it'() {
    const [alice, bob] = [await connect(), await connect()];
    const messages = await subscribe(bob, '/topic/js.order', { id: 'mine' });
    for (let i = 0; i < 500; i++) alice.publish({ destination: '/topic/js.order', body: String(i) });
    for (let i = 0; i < 500; i++) assert.equal((await messages.next()).body, String(i));
    await receipt(bob, (id) => bob.unsubscribe('mine', { receipt: id }));
    await receipt(alice, (id) => alice.publish({ destination: '/topic/js.order', body: 'late', headers: { receipt: id } }));
    await receipt(bob, (id) => bob.publish({ destination: '/topic/js.nobody', body: '', headers: { receipt: id } }));
    assert.equal(messages.waiting.length, 0);
    await alice.deactivate();
    await bob.deactivate();
  },

  async 'a pattern brings what it matches'() {
    const client = await connect();
    const messages = await subscribe(client, '/topic/js.many.*');
    client.publish({ destination: '/topic/js.many.one', body: '1' });
    client.publish({ destination: '/topic/js.many.two', body: '2' });
    const first = await messages.next();
    assert.equal(first.headers.destination, '/topic/js.many.one');
    assert.equal((await messages.next()).body, '2');
    await client.deactivate();
  },

  async 'a message to a user reaches its sessions'() {
    const ann = await connect({ connectHeaders: { login: 'ann', passcode: 'x' } });
    assert.equal(ann.connected_.headers['user-name'], 'ann');
    const messages = await subscribe(ann, '/user/topic/news');
    const other = await connect();
    other.publish({ destination: '/user/ann/topic/news', body: 'psst' });
    assert.equal((await messages.next()).body, 'psst');
    await ann.deactivate();
    await other.deactivate();
  },

  async 'heart-beats keep a quiet connection, both ways'() {
    const client = await connect({ heartbeatIncoming: 1000, heartbeatOutgoing: 1000 });
    let beats = 0;
    client.webSocket.addEventListener('message', (event) => { if (String(event.data) === '\n') beats++; });
    const closed = new Promise((_, reject) => { client.onWebSocketClose = () => reject(new Error('closed')); });
    const enough = new Promise((resolve) => {
      const poll = setInterval(() => { if (beats >= 1) { clearInterval(poll); resolve(); } }, 20);
    });
    await within(Promise.race([enough, closed]), 'a heart-beat');
    await client.deactivate();
  },

  async 'DISCONNECT gets its RECEIPT and then a Close of 1000 (Q35)'() {
    const client = await connect();
    const closed = new Promise((resolve) => { client.onWebSocketClose = resolve; });
    const order = [];
    client.onDisconnect = () => order.push('receipt');
    await client.deactivate();
    assert.equal((await within(closed, 'Close')).code, 1000);
    assert.deepEqual(order, ['receipt']);
  },

  async 'every version has every ack mode'() {
    for (const version of ['1.0', '1.1', '1.2']) {
      for (const ack of ['auto', 'client', 'client-individual']) {
        const queue = `/queue/js.${version}.${ack}`;
        const client = await connect({ stompVersions: new Versions([version]) });
        const messages = await consume(client, queue, ['1', '2'], { ack });
        for (const message of ack === 'auto' ? [] : messages) {
          await receipt(client, (id) => message.ack({ receipt: id }));
        }
        await client.deactivate();
        assert.deepEqual(await restOf(queue), [], queue);
      }
    }
  },

  async 'ack client takes all before it, client-individual itself alone'() {
    for (const [ack, rest] of [['client', ['3']], ['client-individual', ['1', '3']]]) {
      const client = await connect();
      const messages = await consume(client, `/queue/js.one.${ack}`, ['1', '2', '3'], { ack });
      await receipt(client, (id) => messages[1].ack({ receipt: id }));
      await client.deactivate();
      assert.deepEqual(await restOf(`/queue/js.one.${ack}`), rest);
    }
  },

  async 'what a lost connection held comes again, in its place and marked'() {
    const [client, other] = [await connect(), await connect()];
    await consume(client, '/queue/js.lost', ['1', '2'], { ack: 'client' });
    const messages = await subscribe(other, '/queue/js.lost');
    client.forceDisconnect();
    for (const body of ['1', '2']) {
      const again = await messages.next();
      assert.equal(again.body, body);
      assert.equal(again.headers.redelivered, 'true');
    }
    await client.deactivate();
    await other.deactivate();
  },

  async 'NACK brings a message again, and without requeue to the dead letters'() {
    for (const version of ['1.1', '1.2']) {
      const client = await connect({ stompVersions: new Versions([version]) });
      const queue = `/queue/js.nack.${version}`;
      const messages = await subscribe(client, queue, { ack: 'client-individual' });
      client.publish({ destination: queue, body: 'x' });
      const first = await messages.next();
      assert.equal(first.headers.redelivered, undefined);
      first.nack();
      const second = await messages.next();
      assert.equal(second.headers.redelivered, 'true');
      assert.equal(second.headers['delivery-count'], '2');
      await receipt(client, (id) => second.nack({ requeue: 'false', receipt: id }));
      const dead = await subscribe(client, '/queue/dead-letters', { selector: `"original-destination" = '${queue}'` });
      const letter = await dead.next();
      assert.equal(letter.body, 'x');
      assert.equal(letter.headers['dead-letter-reason'], 'rejected');
      await client.deactivate();
      assert.deepEqual(await restOf(queue), []);
    }
  },

  async 'a commit does all of a transaction, an abort nothing'() {
    for (const [end, rest, sent] of [['commit', [], ['out']], ['abort', ['in'], []]]) {
      const client = await connect();
      const [message] = await consume(client, `/queue/js.${end}`, ['in'], { ack: 'client' });
      const transaction = client.begin();
      await receipt(client, (id) => client.publish({
        destination: `/queue/js.${end}.out`, body: 'out', headers: { transaction: transaction.id, receipt: id },
      }));
      await receipt(client, (id) => message.ack({ transaction: transaction.id, receipt: id }));
      transaction[end]();
      await client.deactivate();
      assert.deepEqual(await restOf(`/queue/js.${end}`), rest);
      assert.deepEqual(await restOf(`/queue/js.${end}.out`), sent);
    }
  },

  async 'a window of one leaves the rest to others'() {
    const [slow, quick] = [await connect(), await connect()];
    const held = await subscribe(slow, '/queue/js.window', { ack: 'client', 'prefetch-count': '1' });
    slow.publish({ destination: '/queue/js.window', body: '1' });
    assert.equal((await held.next()).body, '1');
    const rest = await subscribe(quick, '/queue/js.window', { ack: 'auto' });
    for (const body of ['2', '3', '4']) quick.publish({ destination: '/queue/js.window', body });
    for (const body of ['2', '3', '4']) assert.equal((await rest.next()).body, body);
    assert.equal(held.waiting.length, 0);
    await quick.deactivate();
    await slow.deactivate();
  },

  async 'a browser sees what waits and leaves it'() {
    const client = await connect();
    for (const body of ['1', '2']) {
      await receipt(client, (id) => client.publish({ destination: '/queue/js.browse', body, headers: { receipt: id } }));
    }
    const seen = await subscribe(client, '/queue/js.browse', { browser: 'true' });
    for (const body of ['1', '2']) assert.equal((await seen.next()).body, body);
    assert.equal((await seen.next()).headers.browser, 'end');
    await client.deactivate();
    assert.deepEqual(await restOf('/queue/js.browse'), ['1', '2']);
  },

  async 'a request is answered over a temporary queue, subscribed to or not (Q45)'() {
    const [client, service] = [await connect(), await connect()];
    const requests = await subscribe(service, '/queue/js.service');
    const answer = async () => {
      const request = await requests.next();
      service.publish({
        destination: request.headers['reply-to'],
        body: `${request.body}!`,
        headers: { 'correlation-id': request.headers['correlation-id'] },
      });
    };
    const ask = (replyTo) => client.publish({
      destination: '/queue/js.service', body: 'hello', headers: { 'reply-to': replyTo, 'correlation-id': '7' },
    });

    const own = await subscribe(client, '/temp-queue/own');
    ask('/temp-queue/own');
    await answer();
    const first = await own.next();
    assert.deepEqual([first.body, first.headers['correlation-id']], ['hello!', '7']);

    const unhandled = new Promise((resolve) => { client.onUnhandledMessage = resolve; });
    ask('/temp-queue/none');
    await answer();
    const second = await within(unhandled, 'an answer');
    assert.deepEqual([second.body, second.headers.subscription], ['hello!', '/temp-queue/none']);
    await client.deactivate();
    await service.deactivate();
  },

  async 'a message to a queue of a user reaches all sessions of that user'() {
    const sessions = [];
    for (let i = 0; i < 2; i++) sessions.push(await connect({ connectHeaders: { login: 'eve', passcode: 'x' } }));
    const heard = [];
    for (const session of sessions) heard.push(await subscribe(session, '/user/queue/letters'));
    const other = await connect();
    other.publish({ destination: '/user/eve/queue/letters', body: 'psst' });
    for (const messages of heard) assert.equal((await messages.next()).body, 'psst');
    for (const session of [...sessions, other]) await session.deactivate();
  },

  async 'an ERROR names what was wrong, and the connection ends'() {
    for (const [act, message, named = 'r'] of [
      [(client, r) => client.subscribe('/nowhere', () => {}, { receipt: r }), 'bad destination'],
      [(client, r) => client.subscribe('/queue/js.*', () => {}, { receipt: r }), 'bad destination'],
      [(client, r) => client.subscribe('/queue/js.bad', () => {}, { receipt: r, ack: 'maybe' }), 'bad header'],
      [(client, r) => client.ack('9-9', '1', { receipt: r }), 'unknown message'],
      [(client) => client.commit('none'), 'unknown transaction', null],
    ]) {
      const client = await connect();
      const failed = new Promise((resolve) => { client.onStompError = resolve; });
      const closed = new Promise((resolve) => { client.onWebSocketClose = resolve; });
      act(client, 'r');
      const error = await within(failed, `ERROR ${message}`);
      assert.equal(error.headers.message, message);
      assert.equal(error.headers['receipt-id'] ?? null, named);
      assert.ok((await within(closed, 'Close')).code >= 4500);
      await client.deactivate({ force: true });
    }
  },

  async 'with soft errors the connection lives on'() {
    const client = await connect({ connectHeaders: { 'soft-errors': 'true' } });
    assert.equal(client.connected_.headers['soft-errors'], 'true');
    const failed = new Promise((resolve) => { client.onStompError = resolve; });
    client.publish({ destination: '/nowhere', body: '', headers: { receipt: 'r' } });
    assert.equal((await within(failed, 'ERROR')).headers['receipt-id'], 'r');
    const messages = await subscribe(client, '/topic/js.soft');
    client.publish({ destination: '/topic/js.soft', body: 'still here' });
    assert.equal((await messages.next()).body, 'still here');
    await client.deactivate();
  },

  async 'wss with the certificate checked'() {
    const client = await connect({
      brokerURL: undefined,
      webSocketFactory: () => new WebSocket(wssUrl, ['v12.stomp'], { ca }),
    });
    const messages = await subscribe(client, '/topic/js.tls');
    client.publish({ destination: '/topic/js.tls', body: 'secret' });
    assert.equal((await messages.next()).body, 'secret');
    await client.deactivate();
  },
};

for (const [name, fact] of Object.entries(facts)) {
  try {
    await fact();
    console.log(`ok ${name}`);
  } catch (error) {
    console.log(`not ok ${name}\n${error.stack}`);
    process.exit(1);
  }
}
process.exit(0);
