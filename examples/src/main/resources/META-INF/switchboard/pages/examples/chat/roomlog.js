// What has been said in one room, as a list on the page. First the messages in the order in which
// the broker sent them, the same for everybody; after them our own that are still on their way.

const GROUP_MILLIS = 5 * 60_000;
const SHOWN_MAX = 500;

const template = document.getElementById("message");
const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const calendar = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "medium" });
const letters = new Intl.Segmenter();

/** The first letter of a name, in a colour that the same name has everywhere. */
export function paintAvatar(avatar, name) {
    const [first] = letters.segment(name);
    avatar.textContent = first?.segment.toUpperCase() ?? "";
    avatar.style.setProperty("--hue", hueOf(name));
}

function hueOf(name) {
    let hash = 0;
    for (const letter of name) hash = (hash * 31 + letter.codePointAt(0)) % 65_521;
    return Math.round(hash * 137.5) % 360; // the golden angle keeps neighbours apart
}

export class RoomLog {
    element = document.createElement("ol");
    unread = 0;

    #waiting = new Map();
    #gap;

    get empty() {
        return this.element.childElementCount === 0;
    }

    /** A message of ours that the broker has not sent back yet. */
    wait(message, online) {
        const item = this.#item(message);
        item.classList.add("mine", "pending");
        item.querySelector(".fate").textContent = online ? "Sending…" : "Waiting for the connection";
        this.#waiting.set(message.id, item);
        this.element.append(item);
        this.#group(item);
    }

    /** A message from the broker; one of ours leaves its place among the waiting for its real one. */
    add(message, mine) {
        const waiting = this.#waiting.get(message.id);
        this.#waiting.delete(message.id);
        const item = waiting ?? this.#item(message);
        item.classList.remove("pending");
        item.classList.toggle("mine", mine);
        item.querySelector(".fate").textContent = "";
        const after = item.nextElementSibling;
        this.#settle(item);
        this.#group(after);
        if (this.element.childElementCount > SHOWN_MAX) this.element.firstElementChild.remove();
    }

    connectionLost() {
        for (const item of this.#waiting.values()) {
            item.querySelector(".fate").textContent = "Waiting for the connection";
        }
        if (this.empty) return;
        this.#gap = document.createElement("li");
        this.#gap.className = "gap";
        this.#gap.textContent = `Connection lost at ${clock.format(Date.now())}`;
        this.#settle(this.#gap);
    }

    connectionBack() {
        if (this.#gap) {
            this.#gap.textContent += `, back at ${clock.format(Date.now())}`;
            this.#gap.classList.add("back");
            this.#gap = undefined;
        }
    }

    /** Puts an item at the end of what is settled, that is before the first that waits. */
    #settle(item) {
        const [first] = this.#waiting.values();
        this.element.insertBefore(item, first ?? null);
        this.#group(item);
        this.#group(item.nextElementSibling);
    }

    #item(message) {
        const item = template.content.firstElementChild.cloneNode(true);
        const time = item.querySelector("time");
        const moment = new Date(message.time);
        item.dataset.author = `${message.from} ${message.name}`;
        item.dataset.time = message.time;
        item.style.setProperty("--hue", hueOf(message.name));
        paintAvatar(item.querySelector(".avatar"), message.name);
        item.querySelector(".author").textContent = message.name;
        item.querySelector(".bubble").textContent = message.text;
        time.textContent = clock.format(moment);
        time.dateTime = moment.toISOString();
        item.querySelector(".bubble").title = calendar.format(moment);
        return item;
    }

    /** Messages of one author that follow closely stand together under one name. */
    #group(item) {
        const before = item?.previousElementSibling;
        item?.classList.toggle(
            "follows",
            before?.dataset.author !== undefined &&
                before.dataset.author === item.dataset.author &&
                before.classList.contains("mine") === item.classList.contains("mine") &&
                item.dataset.time - before.dataset.time < GROUP_MILLIS,
        );
    }
}
