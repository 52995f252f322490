import type { ReplyHeaders } from "./upstream/reply.js";

/** What a client asked of a vendor. */
export interface RecordedRequest {
  readonly method: string;
  /** Path and query as in the request line. */
  readonly path: string;
  readonly headers?: ReplyHeaders;
  /** JSON as a value, any other text as it is, null where there was none. */
  readonly body: unknown;
}

/** What the vendor answered. */
export interface RecordedResponse {
  readonly status: number;
  readonly headers: ReplyHeaders;
  /** The body as text; each part was one write. */
  readonly body: readonly string[];
}

/** One exchange with a vendor, as it went over the wire. Plain JSON: keep it in a file beside the tests. */
export interface Recording {
  /** Who answered, such as `openai`. */
  readonly vendor: string;
  /** One sentence that says what there is to see. */
  readonly about: string;
  readonly request: RecordedRequest;
  readonly response: RecordedResponse;
}
