export { describeAdapter, type MountedGateway } from "./adapter.js";
export { httpProviderPlace } from "./http-provider-place.js";
export { listen } from "./listen.js";
export { describeProvider } from "./provider.js";
export type { PreparedCall, ProviderContractOptions, ProviderPlace, UpstreamBehaviour } from "./provider-place.js";
export { describeStore } from "./store.js";
export { type StoreContractOptions, type StorePlace, type StoreProcess, sampleModel } from "./store-place.js";
