export { type AnswerOptions, answer } from "./answer.js";
export { attachUpgrade } from "./attach-upgrade.js";
export type { ConnectionLimits } from "./limit-connections.js";
export { type MountOptions, type NodeGatewayOptions, type NodeListener, nodeGateway } from "./node-gateway.js";
export type { ParsedBody } from "./node-request.js";
export { type DrainOptions, type ServeOptions, type Serving, serve } from "./serve.js";
export { UpgradeRequest } from "./upgrade-request.js";
