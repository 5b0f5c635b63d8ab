// A clock for pages in the background: see beatWhileHidden in line.js.
setInterval(() => postMessage("tick"), 9_000);
