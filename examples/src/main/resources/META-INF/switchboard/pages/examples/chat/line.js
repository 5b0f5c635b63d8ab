// The line to the broker: STOMP over one WebSocket, and what a chat wants on top of it. Knows
// nothing of the page.
//
// What is said goes to the outbox and stays there until the broker has sent it back to us. So
// whatever was typed while the connection was down, or was under way when it broke, is sent
// (again) in order when the room is joined again. A message that reached the broker twice has the
// same id, and everybody shows an id once.

const { Client, ReconnectionTimeMode } = globalThis.StompJs;

export const limits = { name: 32, room: 32, text: 2000, outbox: 100, seen: 5000 };

/** Not every browser has crypto.randomUUID on plain http. */
function randomId() {
    const bytes = crypto.getRandomValues(new Uint8Array(12));
    return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function brokerURL() {
    return `${location.protocol === "https:" ? "wss:" : "ws:"}//${location.host}/ws`;
}

/** What came, checked and cut to size: whoever sent it may have sent anything. */
function read(frame) {
    const said = parse(frame.body);
    const words = (value, length, otherwise) =>
        (typeof value === "string" && value.trim().slice(0, length)) || otherwise;
    return {
        id: words(said.id, 64, frame.headers["message-id"]),
        from: words(said.from, 64, ""),
        name: words(said.name, limits.name, "somebody"),
        // What is not one of ours, say from the command line, is shown as it is.
        text: (typeof said.text === "string" ? said.text : frame.body).slice(0, limits.text),
        time: Math.abs(said.time) <= 8.64e15 ? said.time : Date.now(),
    };
}

function parse(body) {
    try {
        return JSON.parse(body) ?? {};
    } catch {
        return {};
    }
}

export class Line {
    /** Tells our typing marks from those of somebody with the same name. */
    me = randomId();
    /** connecting (for the first time), online (every room joined) or offline. */
    state = "connecting";

    #client;
    #on;
    #rooms = new Map();
    #outbox = new Map();
    #seen = new Set();
    #receipts = 0;

    /** `on` has the functions state, message, typing and refused. */
    constructor(on) {
        this.#on = on;
        this.#client = new Client({
            brokerURL: brokerURL(),
            reconnectDelay: 500,
            maxReconnectDelay: 15_000,
            reconnectTimeMode: ReconnectionTimeMode.EXPONENTIAL,
            connectionTimeout: 10_000,
            heartbeatIncoming: 10_000,
            heartbeatOutgoing: 10_000,
            discardWebsocketOnCommFailure: true,
            onConnect: () => this.#rooms.forEach((room, name) => this.#subscribe(name, room)),
            onWebSocketClose: () => this.#lost(),
            onStompError: (frame) => on.refused(frame.headers.message ?? "no reason given"),
        });
        beatWhileHidden(this.#client);
        addEventListener("online", () => this.retry());
        document.addEventListener("visibilitychange", () => document.hidden || this.retry());
    }

    open() {
        this.#client.activate();
    }

    /** Does not wait for the back-off to end. */
    async retry() {
        if (this.state !== "offline" || this.#client.connected) return;
        await this.#client.deactivate({ force: true });
        this.#client.activate();
    }

    join(name) {
        if (this.#rooms.has(name)) return;
        const room = { joined: false, subscriptions: [] };
        this.#rooms.set(name, room);
        if (this.#client.connected) this.#subscribe(name, room);
    }

    leave(name) {
        const room = this.#rooms.get(name);
        this.#rooms.delete(name);
        for (const [id, message] of this.#outbox) {
            if (message.room === name) this.#outbox.delete(id);
        }
        if (this.#client.connected) room.subscriptions.forEach((it) => it.unsubscribe());
    }

    /** Returns the message, or nothing when too many are waiting already. */
    say(room, name, text) {
        if (this.#outbox.size >= limits.outbox) return undefined;
        const message = { id: randomId(), from: this.me, name, text, time: Date.now(), room };
        this.#outbox.set(message.id, message);
        this.#send(room);
        return message;
    }

    /** Says that somebody is writing; lost without harm when there is no connection. */
    mark(room, name) {
        if (this.#client.connected) {
            this.#publish(`/topic/chat.${room}.typing`, { from: this.me, name });
        }
    }

    #subscribe(name, room) {
        const topic = `/topic/chat.${name}`;
        const receipt = `joined-${++this.#receipts}`;
        this.#client.watchForReceipt(receipt, () => this.#joined(name, room));
        room.subscriptions = [
            this.#client.subscribe(`${topic}.typing`, (frame) => {
                const mark = read(frame);
                if (mark.from !== this.me) this.#on.typing(name, mark);
            }),
            this.#client.subscribe(topic, (frame) => this.#heard(name, read(frame)), { receipt }),
        ];
    }

    #joined(name, room) {
        room.joined = true;
        this.#send(name);
        if ([...this.#rooms.values()].every((it) => it.joined)) this.#become("online");
    }

    #lost() {
        for (const room of this.#rooms.values()) room.joined = false;
        for (const message of this.#outbox.values()) message.sent = false;
        this.#become("offline");
    }

    #become(state) {
        if (this.state === state) return;
        this.state = state;
        this.#on.state(state);
    }

    /** Only what we are subscribed to comes back, so nothing is sent before the room is joined. */
    #send(room) {
        if (!this.#client.connected || !this.#rooms.get(room)?.joined) return;
        for (const message of this.#outbox.values()) {
            if (message.room !== room || message.sent) continue;
            message.sent = true;
            const { id, from, name, text, time } = message;
            this.#publish(`/topic/chat.${room}`, { id, from, name, text, time });
        }
    }

    #publish(destination, content) {
        const headers = { "content-type": "application/json" };
        this.#client.publish({ destination, headers, body: JSON.stringify(content) });
    }

    #heard(room, message) {
        if (this.#seen.has(message.id)) return;
        this.#seen.add(message.id);
        if (this.#seen.size > limits.seen) this.#seen.delete(this.#seen.values().next().value);
        // Ours is what we have been waiting for; anybody could write our name on a message.
        const mine = this.#outbox.get(message.id)?.room === room;
        if (mine) this.#outbox.delete(message.id);
        this.#on.message(room, message, mine);
    }
}

/**
 * Browsers hold back the timers of a page that nobody looks at, to once a minute, and then the
 * broker would miss our heart-beats. A worker's timers keep time. (The worker that stompjs offers
 * is made from a blob, which the server's Content-Security-Policy does not allow.)
 */
function beatWhileHidden(client) {
    new Worker(new URL("ticker.js", import.meta.url)).onmessage = () => {
        if (document.hidden && client.connected && client.webSocket.readyState === WebSocket.OPEN) {
            client.webSocket.send("\n");
        }
    };
}
