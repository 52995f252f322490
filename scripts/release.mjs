import { assertNodeVersion } from "./lib/node-version.mjs";

// npm run release -- vX.Y.Z [--dry-run]: publishes every package that is not published yet. The release workflow runs it.
assertNodeVersion();
import("./release/publish-all.mjs");
