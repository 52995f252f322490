export { httpProviderPlace } from "./http-provider-place.js";
export {
  describeProvider,
  type PreparedCall,
  type ProviderContractOptions,
  type ProviderPlace,
  type UpstreamBehaviour,
} from "./provider.js";
export { describeStore } from "./store.js";
export { type StoreContractOptions, type StorePlace, type StoreProcess, sampleModel } from "./store-place.js";
