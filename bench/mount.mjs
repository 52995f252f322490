/** One HTTP stack, with the gateway on it or with the emptiest handler it can have. */
import { once } from "node:events";
import { createServer } from "node:http";
import { EMPTY, GATEWAY } from "./mounts/listeners.mjs";
import { becomeTarget } from "./process/target.mjs";

const [, , upstream, mount, what] = process.argv;
const listener = what === "empty" ? EMPTY[mount]() : GATEWAY[mount](upstream);
const server = createServer(listener).listen(0, "127.0.0.1");
await once(server, "listening");
becomeTarget(`http://127.0.0.1:${server.address().port}`);
