// The page: joins what is on it to the line (line.js) and the rooms' logs (roomlog.js).

import { Line, limits } from "./line.js";
import { paintAvatar, RoomLog } from "./roomlog.js";

const PRESETS = new Map([
    ["lobby", "Where everybody comes in"],
    ["games", "Find somebody to play with"],
    ["help", "Ask, and somebody may know"],
]);
const ROOMS_MAX = 30;
const TYPING_SEND_MILLIS = 2_000;
const TYPING_SHOW_MILLIS = 3_000;
const WORDS = { connecting: "Connecting", online: "Online", offline: "Offline" };

const $ = (id) => document.getElementById(id);
const logs = new Map();
const typists = new Map();
let room = "lobby";
let name = "";
let unseen = 0;
let markedAt = 0;
let atBottom = true;
let refusal = "";

const line = new Line({ state: showState, message: hear, typing: showMark, refused: showRefusal });

// Names. A tab keeps its own name; the last one chosen is the first offer in a new tab.

function recall(storage, key) {
    try {
        return storage().getItem(`switchboard.${key}`) ?? "";
    } catch {
        return ""; // storage can be switched off
    }
}

function keep(storage, key, value) {
    try {
        storage().setItem(`switchboard.${key}`, value);
    } catch {
        // it lasts as long as the page, then
    }
}

const tab = () => sessionStorage;
const browser = () => localStorage;

function setName(chosen) {
    name = chosen.trim().slice(0, limits.name);
    $("my-name").textContent = name;
    paintAvatar($("me").querySelector(".avatar"), name);
}

function askName() {
    $("name").value = name;
    $("name-dialog").showModal();
}

// Rooms. The one that is shown stands in the address, so that a link to it can be shared.

/** A name that is one segment of a destination: letters, digits and single hyphens. */
function roomName(wish) {
    return wish
        .normalize("NFC")
        .toLowerCase()
        .replace(/[^\p{L}\p{M}\p{N}]+/gu, "-")
        .replace(/^-/, "")
        .match(/./gsu) // whole characters, not halves of them
        ?.slice(0, limits.room)
        .join("")
        .replace(/-$/, "") ?? "";
}

function roomInAddress() {
    try {
        return roomName(decodeURIComponent(location.hash.slice(1))) || "lobby";
    } catch {
        return "lobby"; // a broken escape
    }
}

function ownRooms() {
    return [...logs.keys()].filter((it) => !PRESETS.has(it));
}

function join(wanted) {
    if (logs.has(wanted)) return;
    const log = new RoomLog();
    logs.set(wanted, log);
    $("scroller").append(log.element);
    log.element.hidden = true;
    line.join(wanted);
    keep(browser, "rooms", ownRooms().join(" "));
}

function leave(left) {
    line.leave(left);
    logs.get(left).element.remove();
    logs.delete(left);
    keep(browser, "rooms", ownRooms().join(" "));
    if (left === room) location.hash = "lobby";
    else listRooms();
}

function enter() {
    const wanted = roomInAddress();
    if (!logs.has(wanted) && logs.size >= ROOMS_MAX) leave(ownRooms().find((it) => it !== room));
    join(wanted);
    logs.get(room)?.element.setAttribute("hidden", "");
    room = wanted;
    const log = logs.get(room);
    log.element.hidden = false;
    log.unread = 0;
    typists.clear();
    $("room-name").textContent = room;
    $("room-about").textContent = PRESETS.get(room) ?? "A room of your own: share its link";
    $("text").placeholder = `Message #${room}`;
    $("second").href = `?new#${encodeURIComponent(room)}`;
    document.title = `#${room} · Switchboard chat`;
    listRooms();
    showTypists();
    showEmpty();
    toBottom();
    if (matchMedia("(hover: hover)").matches) $("text").focus();
}

function listRooms() {
    $("rooms").replaceChildren(...[...logs].map(([it, log]) => roomEntry(it, log)));
    $("rooms").querySelector("[aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
}

function roomEntry(it, log) {
    const entry = document.createElement("li");
    const link = document.createElement("a");
    link.href = `#${encodeURIComponent(it)}`;
    const label = document.createElement("bdi");
    label.textContent = it;
    link.append(label);
    if (it === room) link.setAttribute("aria-current", "page");
    if (log.unread > 0) {
        const count = document.createElement("span");
        count.className = "unread";
        count.textContent = log.unread > 99 ? "99+" : log.unread;
        count.setAttribute("aria-label", `${log.unread} unread`);
        link.append(count);
    }
    entry.append(link);
    if (!PRESETS.has(it)) {
        const button = document.createElement("button");
        button.className = "leave";
        button.textContent = "×";
        button.setAttribute("aria-label", `Leave ${it}`);
        button.addEventListener("click", () => leave(it));
        entry.append(button);
    }
    return entry;
}

// Messages.

function hear(where, message, mine) {
    const log = logs.get(where);
    log.add(message, mine);
    if (where !== room) {
        log.unread++;
        listRooms();
        return;
    }
    typists.delete(message.from);
    showTypists();
    showEmpty();
    if (atBottom) toBottom();
    else if (!mine) showNewer(unseen + 1);
}

function say(event) {
    event.preventDefault();
    const text = $("text").value.trim();
    if (name === "") askName();
    if (text === "" || name === "") return;
    const message = line.say(room, name, text);
    if (!message) {
        showNotice("Too many messages are waiting for the connection.");
        return;
    }
    logs.get(room).wait(message, line.state === "online");
    $("text").value = "";
    markedAt = 0;
    fitText();
    showEmpty();
    toBottom();
}

function showEmpty() {
    $("empty").hidden = !logs.get(room).empty;
}

function toBottom() {
    $("scroller").scrollTop = $("scroller").scrollHeight;
    showNewer(0);
}

function showNewer(count) {
    unseen = count;
    $("newer").hidden = count === 0;
    $("newer").textContent = count === 1 ? "1 new message ↓" : `${count} new messages ↓`;
}

function noticeScroll() {
    const { scrollHeight, scrollTop, clientHeight } = $("scroller");
    atBottom = scrollHeight - scrollTop - clientHeight < 48;
    if (atBottom) showNewer(0);
}

// Typing marks.

function showMark(where, { from, name: typist }) {
    if (where !== room) return;
    const mark = { typist };
    typists.set(from, mark);
    showTypists();
    setTimeout(() => {
        if (typists.get(from) === mark) typists.delete(from);
        showTypists();
    }, TYPING_SHOW_MILLIS);
}

function showTypists() {
    const names = [...typists.values()].map((it) => `\u2068${it.typist}\u2069`); // isolated, as bdi
    $("typing").classList.toggle("on", names.length > 0);
    $("typists").textContent =
        names.length === 0 ? ""
        : names.length === 1 ? `${names[0]} is writing`
        : names.length <= 3 ? `${names.slice(0, -1).join(", ")} and ${names.at(-1)} are writing`
        : "Several people are writing";
}

function typed() {
    fitText();
    const now = Date.now();
    if ($("text").value.trim() !== "" && now - markedAt >= TYPING_SEND_MILLIS) {
        markedAt = now;
        line.mark(room, name);
    }
}

/** The box grows with its text; how much room is left is said near the end. */
function fitText() {
    const box = $("text");
    box.style.height = "auto";
    box.style.height = `${box.scrollHeight}px`;
    const left = limits.text - box.value.length;
    $("left").hidden = left > 200;
    $("left").textContent = `${left} left`;
}

// The connection.

function showState(state) {
    const stay = atBottom;
    $("light").dataset.state = state;
    $("light-words").textContent = WORDS[state];
    for (const log of logs.values()) {
        if (state === "offline") log.connectionLost();
        else log.connectionBack();
    }
    if (state === "offline") {
        showNotice(refusal || "No connection. What you write is kept and sent when it is back.");
        typists.clear();
        showTypists();
    } else {
        refusal = "";
        $("notice").hidden = true;
    }
    if (stay) toBottom();
}

/** The connection ends after it, so that the words have to outlast that. */
function showRefusal(reason) {
    refusal = `The server ended the connection: ${reason}`;
}

function showNotice(words) {
    $("notice-words").textContent = words;
    $("notice").hidden = false;
}

// The start.

$("composer").addEventListener("submit", say);
$("text").addEventListener("input", typed);
$("text").addEventListener("keydown", (event) => {
    // An Enter that ends a composition (Japanese, Chinese, …) is not meant for us.
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) say(event);
});
$("scroller").addEventListener("scroll", noticeScroll);
$("newer").addEventListener("click", toBottom);
$("retry").addEventListener("click", () => line.retry());
$("me").addEventListener("click", askName);
$("name-dialog").addEventListener("cancel", (event) => name || event.preventDefault());
$("name-dialog").querySelector("form").addEventListener("submit", (event) => {
    if ($("name").value.trim() === "") {
        event.preventDefault();
        return;
    }
    setName($("name").value);
    keep(tab, "name", name);
    keep(browser, "name", name);
});
$("new-room").addEventListener("click", () => {
    $("new-name").value = "";
    $("room-dialog").showModal();
});
$("no-room").addEventListener("click", () => $("room-dialog").close());
$("room-dialog").querySelector("form").addEventListener("submit", (event) => {
    const wanted = roomName($("new-name").value);
    if (wanted === "") event.preventDefault();
    else location.hash = encodeURIComponent(wanted);
});
$("copy-link").hidden = !navigator.clipboard;
$("copy-link").addEventListener("click", async () => {
    await navigator.clipboard.writeText(`${location.origin}${location.pathname}${location.hash || "#lobby"}`);
    $("copy-link").textContent = "Copied";
    setTimeout(() => ($("copy-link").textContent = "Copy link"), 1_500);
});
addEventListener("hashchange", enter);
new ResizeObserver(() => atBottom && toBottom()).observe($("scroller"));

const remembered = recall(browser, "rooms").split(" ").map(roomName).filter((it) => it !== "");
[...PRESETS.keys(), ...remembered.slice(0, ROOMS_MAX - PRESETS.size - 1)].forEach(join);
// `?new` is for the second window: another person in it, although the browser is the same.
const stranger = new URLSearchParams(location.search).has("new");
setName(recall(tab, "name") || (stranger ? "" : recall(browser, "name")));
enter();
line.open();
if (name === "") askName();
