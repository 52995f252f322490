export { attachUpgrade } from "./attach-upgrade.js";
export { type MountOptions, type NodeListener, nodeGateway } from "./node-gateway.js";
export { type DrainOptions, type ServeOptions, type Serving, serve } from "./serve.js";
