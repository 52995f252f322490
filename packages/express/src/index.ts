export { attachUpgrade, type MountOptions } from "@sluice/node";
export {
  type ExpressGatewayOptions,
  type ExpressHandler,
  type ExpressRequest,
  expressGateway,
} from "./express-gateway.js";
