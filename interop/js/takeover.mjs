// Facts about a server with `compression: takeover` as ws sees them: node takeover.mjs WS_URL
// Prints "ok NAME" for each; ends with status 1 at the first that does not hold.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import WebSocket from 'ws';

const [wsUrl] = process.argv.slice(2);
const topic = '/topic/js.takeover';

/** A session that hears what it says; `deflate` is what ws offers. */
async function open(deflate) {
  const socket = new WebSocket(wsUrl, ['v12.stomp'], { perMessageDeflate: { threshold: 0, ...deflate } });
  const [heard, waiting] = [[], []];
  const failed = new Promise((_, reject) => {
    const late = setTimeout(() => reject(new Error('not done within 60 s')), 60000);
    socket.on('error', reject);
    socket.on('close', (code, reason) => { clearTimeout(late); reject(new Error(`closed: ${code} ${reason}`)); });
  });
  failed.catch(() => {});
  let agreed;
  socket.on('upgrade', (response) => { agreed = response.headers['sec-websocket-extensions']; });
  socket.on('message', (data) => {
    const next = waiting.shift();
    if (next) next(String(data)); else heard.push(String(data));
  });
  const next = () => Promise.race([
    failed, heard.length ? heard.shift() : new Promise((resolve) => waiting.push(resolve))]);
  await Promise.race([failed, new Promise((resolve) => socket.on('open', resolve))]);
  assert.equal(socket.extensions, 'permessage-deflate');
  socket.send('CONNECT\naccept-version:1.2\nhost:h\n\n\0');
  assert.match(await next(), /^CONNECTED\n/);
  socket.send(`SUBSCRIBE\nid:1\ndestination:${topic}\nreceipt:r\n\n\0`);
  assert.match(await next(), /^RECEIPT\n/);
  return {
    agreed,
    say: (body) => socket.send(`SEND\ndestination:${topic}\n\n${body}\0`),
    async nextBody() {
      const frame = await next();
      assert.match(frame, /^MESSAGE\n/);
      return frame.slice(frame.indexOf('\n\n') + 2, -1);
    },
    async hears(body) {
      assert.equal(await this.nextBody(), body);
    },
    /** What a text takes on the wire, out and in. */
    async cost(body) {
      const [written, read] = [socket._socket.bytesWritten, socket._socket.bytesRead];
      this.say(body);
      await this.hears(body);
      return [socket._socket.bytesWritten - written, socket._socket.bytesRead - read];
    },
    close: () => new Promise((resolve) => { socket.on('close', resolve); socket.close(1000); }),
  };
}

/** By chance: nothing but the same text again makes it shorter than half. */
const text = (length) => randomBytes(Math.ceil(length / 2)).toString('hex').slice(0, length);

const parameters = (session) => session.agreed.split(';').map((it) => it.trim()).slice(1).sort();

const facts = {
  async 'both sides take their context over, and a text that comes again is a reference'() {
    const session = await open();
    assert.deepEqual(parameters(session).filter((it) => it.includes('no_context')), []);
    const body = text(3000);
    const [first, again] = [await session.cost(body), await session.cost(body)];
    for (const bytes of first) assert.ok(bytes > 1500, `${bytes} bytes`);
    for (const bytes of again) assert.ok(bytes < 500, `${bytes} bytes`);
    await session.close();
  },

  async 'each side takes over alone where the other is told not to'() {
    for (const [offer, out, back] of [
      [{ serverNoContextTakeover: true }, 0, 1500],
      [{ clientNoContextTakeover: true }, 1500, 0],
      [{ serverNoContextTakeover: true, clientNoContextTakeover: true }, 1500, 1500],
    ]) {
      const session = await open(offer);
      const expected = [
        ...(offer.clientNoContextTakeover ? ['client_no_context_takeover'] : []),
        ...(offer.serverNoContextTakeover ? ['server_no_context_takeover'] : []),
      ];
      assert.deepEqual(parameters(session).filter((it) => it.includes('no_context')), expected);
      const body = text(3000);
      await session.cost(body);
      const [written, read] = await session.cost(body);
      assert.ok(out ? written > out : written < 500, `${written} bytes written, ${JSON.stringify(offer)}`);
      assert.ok(back ? read > back : read < 500, `${read} bytes read, ${JSON.stringify(offer)}`);
      await session.close();
    }
  },

  async 'a series of texts of all lengths, new and known, arrives equal, one by one and at once'() {
    const session = await open();
    const known = [text(40), text(2000), text(40000), 'grüß dich 🙂 '.repeat(3000)];
    const series = [''];
    for (let i = 0; i < 300; i++) {
      series.push(i % 3 === 0 ? text((i * 7919) % 70000) : known[i % known.length] + (i % 5 ? '' : text(i)));
    }
    for (const body of series) {
      session.say(body);
      await session.hears(body);
    }
    for (const body of series) session.say(body);
    for (const body of series) await session.hears(body);
    await session.close();
  },

  async 'many sessions, more than a shard keeps deflaters for, keep their contexts apart'() {
    const sessions = await Promise.all(Array.from({ length: 40 }, () => open()));
    for (let round = 0; round < 5; round++) {
      const bodies = sessions.map((_, i) => `${round} ${i} ${text(2500)}`);
      for (const [i, session] of sessions.entries()) session.say(bodies[i]);
      // All subscribe to one topic: each hears all, in the one order of the topic.
      const orders = await Promise.all(sessions.map(async (session) => {
        const order = [];
        for (let i = 0; i < bodies.length; i++) order.push(await session.nextBody());
        return order;
      }));
      for (const order of orders) {
        assert.deepEqual(order, orders[0]);
        assert.deepEqual([...order].sort(), [...bodies].sort());
      }
    }
    for (const session of sessions) await session.close();
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
