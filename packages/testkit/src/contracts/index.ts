export { httpProviderPlace } from "./http-provider-place.js";
export {
  describeProvider,
  type PreparedCall,
  type ProviderContractOptions,
  type ProviderPlace,
  type UpstreamBehaviour,
} from "./provider.js";
export { describeStore, type StoreContractOptions, type StorePlace, type StoreProcess, sampleModel } from "./store.js";
