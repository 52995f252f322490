import { NewProvider, ProviderList, ProviderPatch, ProviderView } from "../../schemas/provider.js";
import { type Collection, createRoute, getRoute, listRoute, removeRoute, updateRoute } from "../collection.js";
import type { Route } from "../route.js";
import type { ProvidersService } from "../services.js";

const PROVIDERS: Collection<ProvidersService> = {
  path: "/v1/providers",
  tag: "Providers",
  noun: "Provider",
  read: "viewer",
  write: "admin",
  service: ({ providers }) => providers,
};

/** The routes of providers. */
export const providerRoutes: readonly Route[] = [
  listRoute(PROVIDERS, {
    summary: "List the providers, on or off. Secrets are never shown.",
    response: ProviderList,
    answer: (data) => ({ data }),
  }),
  createRoute(PROVIDERS, {
    summary: "Add a provider. Its secrets are kept under the master key.",
    body: NewProvider,
    response: ProviderView,
    failures: ["conflict", "not_configured"],
  }),
  getRoute(PROVIDERS, { summary: "Look at one provider.", response: ProviderView }),
  updateRoute(PROVIDERS, {
    summary: "Change a provider while it is in use: calls that run are finished as they were.",
    body: ProviderPatch,
    response: ProviderView,
    failures: ["conflict", "not_configured"],
  }),
  removeRoute(PROVIDERS, {
    summary: "Take a provider out of service: calls that run on it are finished. Its models stay, and are passed over.",
    failures: ["conflict"],
  }),
];
