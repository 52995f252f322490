import { type Dispatcher, Pool, ProxyAgent } from "undici";
import type { Clock } from "../../clock.js";
import { guardedLookup } from "../../net-guard.js";
import { OPERATIONS } from "../../schemas/operation.js";
import type { ProviderConfig } from "../../schemas/options.js";
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
import { KeyPool } from "./key-pool.js";
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

const MAX_HEADER_BYTES = 16 * 1024;
const MAX_LIST_BYTES = 4 * 1024 * 1024;
/** When the transport itself gives a connection up: long after the timers that decide. */
const MAX_CONNECT_MS = 30_000;
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
  const dispatcher = connect(base.origin, deps.outboundProxy);
  const headersOf = headerCache(options, config.headers);

  function send(call: ProviderCall, receiver: Receiver): void {
    const key = keys.take();
    const headers = headersOf(key);
    const request: Dispatcher.DispatchOptions = {
      origin: base.origin,
      method: "POST",
      path: paths.get(call.operation) ?? prefix,
      headers: call.headers ? { ...headers, ...call.headers } : headers,
      body: call.body,
    };
    dispatcher.dispatch(request, new ReceivingHandler(receiver, key === null ? null : { key, keys }));
  }

  async function getJson(path: string, signal: AbortSignal): Promise<unknown> {
    const { statusCode, body } = await dispatcher.request({
      origin: base.origin,
      method: "GET",
      path: `${prefix}${path}`,
      headers: headersOf(keys.take()),
      signal,
    });
    if (statusCode !== 200) {
      await body.dump();
      throw new Error(`${name} answered ${path} with ${statusCode}`);
    }
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of body as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > MAX_LIST_BYTES) throw new Error(`${name} answered ${path} with more than ${MAX_LIST_BYTES} bytes`);
      chunks.push(chunk);
    }
    return JSON.parse(Buffer.concat(chunks).toString("utf8"));
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
    ...(listModels ? { listModels: (signal: AbortSignal) => listModels(getJson, signal) } : {}),
    close: () => dispatcher.destroy(),
  };
}

/** Our own timers decide; undici's would only race them. A cap on connections would be a cap on open streams. */
function connect(origin: string, proxy: string | null): Dispatcher {
  const options = {
    connections: null,
    headersTimeout: 0,
    bodyTimeout: 0,
    maxHeaderSize: MAX_HEADER_BYTES,
    connect: { timeout: MAX_CONNECT_MS },
  };
  if (proxy !== null) return new ProxyAgent({ uri: proxy, ...options });
  return new Pool(origin, { ...options, connect: { ...options.connect, lookup: guardedLookup } });
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

/** Hands undici's callbacks to a receiver and lets a refused key rest. */
class ReceivingHandler implements Dispatcher.DispatchHandler {
  readonly #receiver: Receiver;
  readonly #credential: { readonly key: string; readonly keys: KeyPool } | null;

  constructor(receiver: Receiver, credential: { readonly key: string; readonly keys: KeyPool } | null) {
    this.#receiver = receiver;
    this.#credential = credential;
  }

  onRequestStart(controller: Exchange): void {
    this.#receiver.onStart(controller);
  }

  onResponseStart(_controller: unknown, status: number, headers: UpstreamHeaders): void {
    if (status < 200) return; // 1xx: the answer is still to come
    if (status >= 400) this.#restKey(status);
    this.#receiver.onHeaders(status, headers);
  }

  onResponseData(_controller: unknown, chunk: Buffer): void {
    this.#receiver.onData(chunk);
  }

  onResponseEnd(): void {
    this.#receiver.onEnd();
  }

  onResponseError(_controller: unknown, cause: Error): void {
    this.#receiver.onError(cause);
  }

  #restKey(status: number): void {
    if (!this.#credential) return;
    const { key, keys } = this.#credential;
    if (status === 401 || status === 402 || status === 403) keys.rest(key, REFUSED_KEY_REST_MS);
    else if (status === 429) keys.rest(key, LIMITED_KEY_REST_MS);
  }
}
