import type { Clock } from "../../clock.js";
import { headerLines } from "../../http1/header-lines.js";
import { OPERATIONS } from "../../schemas/operation.js";
import type { ProviderConfig } from "../../schemas/options/provider-config.js";
import type {
  Dialect,
  DiscoveredModel,
  Exchange,
  Provider,
  ProviderCall,
  Receiver,
  UpstreamHeaders,
} from "../../spec/provider.js";
import { assertSafeBaseUrl } from "./base-url.js";
import { concealing } from "./concealing.js";
import { getJson } from "./get-json.js";
import { KeyPool } from "./key-pool.js";
import { openTransport } from "./open-transport.js";
import type { OperationPaths } from "./openai-paths.js";

/** What every provider factory gets besides its own configuration. */
export interface ProviderDeps {
  readonly clock: Clock;
  /** HTTP proxy for upstream calls, or null. */
  readonly outboundProxy: string | null;
}

/** A provider reached over HTTP, described by what sets it apart. */
export interface HttpProviderOptions {
  readonly dialect: Dialect;
  readonly dialectVersion?: string;
  /** Where the API starts; paths are appended to it. */
  readonly baseUrl: string;
  readonly keys: readonly string[];
  /** Where each operation is below `baseUrl`; one that is not here cannot be asked for. */
  readonly paths: OperationPaths;
  /** Headers that carry the key and whatever else each call needs, lower-case names. */
  readonly headers: (key: string | null) => Readonly<Record<string, string>>;
  readonly listModels?: (
    getJson: (path: string, signal: AbortSignal) => Promise<unknown>,
    signal: AbortSignal,
  ) => Promise<readonly DiscoveredModel[]>;
  readonly reportsCost?: boolean;
  /** Request fields only this provider understands. */
  readonly ownFields?: readonly string[];
}

const REFUSED_KEY_REST_MS = 60_000;
const LIMITED_KEY_REST_MS = 5_000;

/** Makes a provider of one HTTP API. */
export function httpProvider(
  name: string,
  config: ProviderConfig,
  deps: ProviderDeps,
  options: HttpProviderOptions,
): Provider {
  const base = assertSafeBaseUrl(name, options.baseUrl);
  const prefix = base.pathname.replace(/\/+$/, "");
  const paths = new Map(Object.entries(options.paths).map(([operation, path]) => [operation, `${prefix}${path}`]));
  const keys = new KeyPool(options.keys, deps.clock);
  const transport = openTransport(base, deps);
  const headersOf = headerCache(options, config.headers);
  for (const key of options.keys.length > 0 ? options.keys : [null]) assertSendable(name, headersOf(key));

  function send(call: ProviderCall, receiver: Receiver): void {
    const key = keys.take();
    const request = {
      method: "POST" as const,
      path: paths.get(call.operation) ?? prefix,
      headers: headersOf(key),
      extraHeaders: call.headers,
      body: call.body,
    };
    transport.send(request, key === null ? receiver : new KeyWatch(receiver, { key, keys }));
  }

  function list(path: string, signal: AbortSignal): Promise<unknown> {
    const request = { method: "GET" as const, path: `${prefix}${path}`, headers: headersOf(keys.take()), body: null };
    return getJson(transport, request, { name, signal });
  }

  const { listModels } = options;
  return {
    name,
    dialect: options.dialect,
    dialectVersion: options.dialectVersion,
    operations: OPERATIONS.filter((operation) => paths.has(operation)),
    concurrency: config.concurrency ?? undefined,
    timeouts: config.timeouts ?? undefined,
    includeUsage: config.includeUsage,
    ownFields: options.ownFields,
    reportsCost: options.reportsCost,
    send,
    conceal: concealing([...options.keys, ...Object.values(config.headers ?? {})]),
    hasSpareKey: () => keys.hasSpare,
    ...(listModels ? { listModels: (signal: AbortSignal) => listModels(list, signal) } : {}),
    close: async () => transport.close(),
  };
}

/** What cannot be sent is said while the configuration is read, not with each call. @throws TypeError naming the provider and the header */
function assertSendable(provider: string, headers: Readonly<Record<string, string>>): void {
  try {
    headerLines(headers);
  } catch (error) {
    throw new TypeError(`providers.${provider}: ${error instanceof Error ? error.message : error}`);
  }
}

/** Builds each key's headers once. */
function headerCache(
  options: HttpProviderOptions,
  extra: Readonly<Record<string, string>> | undefined,
): (key: string | null) => Record<string, string> {
  const cache = new Map<string | null, Record<string, string>>();
  const lowered: Record<string, string> = {};
  for (const [header, value] of Object.entries(extra ?? {})) lowered[header.toLowerCase()] = value;
  return (key) => {
    const known = cache.get(key);
    if (known) return known;
    const headers = {
      "content-type": "application/json",
      "accept-encoding": "identity",
      "user-agent": "sluice",
      ...options.headers(key),
      ...lowered,
    };
    cache.set(key, headers);
    return headers;
  };
}

/** Lets a key rest that the upstream refuses; everything else goes on to the receiver. */
class KeyWatch implements Receiver {
  readonly #receiver: Receiver;
  readonly #credential: { readonly key: string; readonly keys: KeyPool };

  constructor(receiver: Receiver, credential: { readonly key: string; readonly keys: KeyPool }) {
    this.#receiver = receiver;
    this.#credential = credential;
  }

  onStart(exchange: Exchange): void {
    this.#receiver.onStart(exchange);
  }

  onHeaders(status: number, headers: UpstreamHeaders): void {
    if (status >= 400) this.#restKey(status);
    this.#receiver.onHeaders(status, headers);
  }

  onData(chunk: Buffer): void {
    this.#receiver.onData(chunk);
  }

  onEnd(): void {
    this.#receiver.onEnd();
  }

  onError(cause: unknown): void {
    this.#receiver.onError(cause);
  }

  #restKey(status: number): void {
    const { key, keys } = this.#credential;
    if (status === 401 || status === 402 || status === 403) keys.rest(key, REFUSED_KEY_REST_MS);
    else if (status === 429) keys.rest(key, LIMITED_KEY_REST_MS);
  }
}
