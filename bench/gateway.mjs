/** The gateway as an application would mount it, on the built packages. */
import { serve } from "../packages/node/dist/index.js";
import { benchedGateway } from "./mounts/benched-gateway.mjs";
import { becomeTarget } from "./process/target.mjs";

const [, , upstream] = process.argv;
const { url } = await serve(benchedGateway(upstream), { host: "127.0.0.1", port: 0 });
becomeTarget(url);
