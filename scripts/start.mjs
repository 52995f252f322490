import { assertNodeVersion } from "./lib/node-version.mjs";

// npm start [-- FLAGS]: installs and builds what has changed, then becomes the server.
// What follows is loaded after the check, so that an old Node.js gets a sentence and not a syntax error.
assertNodeVersion();
import("./start/become-server.mjs");
