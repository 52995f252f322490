import { Terminal } from "/xterm.mjs";

const PROTOCOL = "sluice.terminal.v1";
const GONE = 4404;
const RETRY_MS = 500;

const terminal = new Terminal({ cols: 100, rows: 30 });
const state = document.querySelector("#state");
terminal.open(document.querySelector("#terminal"));
terminal.focus();

const { session } = await post("/v1/terminal/sessions", { type: "local", cols: terminal.cols, rows: terminal.rows });
const at = `/v1/terminal/${session.id}`;
const typed = new TextEncoder();
let socket = null;
/** How many bytes of output have come; the next connection goes on there. */
let cursor = 0;

terminal.onData((text) => send(typed.encode(text)));
terminal.onResize(({ cols, rows }) => send(JSON.stringify({ t: "resize", cols, rows })));
await connect();
Object.assign(window, { terminal, disconnect: () => socket.close() }); // for a look from the console

async function connect() {
  const { ticket } = await post(`${at}/ticket`, {});
  socket = new WebSocket(`${location.origin.replace("http", "ws")}${at}/attach`, [PROTOCOL, `ticket.${ticket}`]);
  socket.binaryType = "arraybuffer";
  socket.onopen = () => send(JSON.stringify({ t: "hello", cursor, cols: terminal.cols, rows: terminal.rows }));
  socket.onmessage = ({ data }) => (typeof data === "string" ? hear(JSON.parse(data)) : show(data));
  socket.onclose = ({ code }) => {
    state.textContent = code === GONE ? "closed" : "connecting";
    if (code !== GONE) setTimeout(connect, RETRY_MS);
  };
}

/** Eight bytes say where in the output the rest ends. What has been drawn is acknowledged, so that nothing piles up. */
function show(data) {
  cursor = Number(new DataView(data).getBigUint64(0));
  const offset = cursor;
  terminal.write(new Uint8Array(data, 8), () => send(JSON.stringify({ t: "ack", offset })));
}

function hear(message) {
  if (message.t === "ready") state.textContent = message.role === "drive" ? "connected" : "watching";
  if (message.t === "exit") state.textContent = `ended with ${message.signal ?? message.code}`;
  if (message.t === "gap") terminal.write(`\r\n[${message.dropped} bytes missed]\r\n`);
}

function send(message) {
  if (socket?.readyState === WebSocket.OPEN) socket.send(message);
}

async function post(path, body) {
  const headers = { "content-type": "application/json" };
  const response = await fetch(path, { method: "POST", headers, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(await response.text());
  return response.json();
}
