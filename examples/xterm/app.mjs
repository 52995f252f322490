import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Gateway } from "@sluice/core";
import { attachUpgrade, nodeGateway, UpgradeRequest } from "@sluice/node";

const xterm = dirname(dirname(createRequire(import.meta.url).resolve("@xterm/xterm")));
const own = (name) => fileURLToPath(new URL(name, import.meta.url));

/** What the page is made of: path -> file and media type. */
const FILES = {
  "/": [own("page.html"), "text/html; charset=utf-8"],
  "/client.mjs": [own("client.mjs"), "text/javascript; charset=utf-8"],
  "/xterm.mjs": [join(xterm, "lib/xterm.mjs"), "text/javascript; charset=utf-8"],
  "/xterm.css": [join(xterm, "css/xterm.css"), "text/css; charset=utf-8"],
};

/** A page with a terminal in it, for whoever sits at this machine. */
export function buildApp({ terminal, ...options } = {}) {
  const gateway = new Gateway({ ...options, terminal: { mode: "loopback", ...terminal } });
  const api = nodeGateway(gateway);
  const app = createServer({ IncomingMessage: UpgradeRequest }, (request, response) => {
    const file = FILES[request.url];
    if (!file) return api(request, response);
    const [path, type] = file;
    readFile(path).then((bytes) => response.writeHead(200, { "content-type": type }).end(bytes));
  });
  attachUpgrade(app, gateway);
  return { app, gateway };
}
