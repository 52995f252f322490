export { type Clock, systemClock } from "./clock.js";
export { FAILURES, type FailureCode, GatewayError, type GatewayErrorOptions, isGatewayError } from "./errors.js";
export type { ByteSink, ByteStream, GatewayRequest, GatewayResponse, Identity, Peer } from "./spec/http.js";
export { type Logger, silentLogger } from "./spec/logger.js";
export type {
  Dialect,
  DiscoveredModel,
  Exchange,
  Provider,
  ProviderCall,
  Receiver,
  TimeoutOverrides,
  Timeouts,
  UpstreamHeaders,
} from "./spec/provider.js";
export type { ModelChanges, ModelStore, Store } from "./spec/store.js";
