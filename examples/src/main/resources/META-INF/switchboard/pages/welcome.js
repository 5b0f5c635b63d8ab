// Shows the address of this very server in the example.
const scheme = location.protocol === "https:" ? "wss:" : "ws:";
document.getElementById("broker").textContent = `${scheme}//${location.host}/ws`;
