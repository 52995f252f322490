import { assertNodeVersion } from "./lib/node-version.mjs";

// npm test [-- FILTER…]: installs, builds, checks and tests. With a filter only the tests whose path holds it run.
// --long runs the long tier instead; --matrix repeats the tests on every supported Node.js, as CI does. The last line counts everything; the exit status is 0 when nothing failed.
assertNodeVersion();
import("./test/run-all.mjs");
