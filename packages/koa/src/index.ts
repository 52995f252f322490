export { attachUpgrade, type MountOptions } from "@sluice/node";
export { type KoaContext, type KoaGatewayOptions, type KoaMiddleware, koaGateway } from "./koa-gateway.js";
