import { Gateway, type GatewayConfigInput, type GatewayOptions } from "@sluice/core";
import { serve } from "@sluice/node";
import { onTestFinished } from "vitest";

/** An answer, read whole. */
export interface Answer {
  readonly status: number;
  // The tests say what they expect of it.
  readonly body: Record<string, never>;
}

/** What can be asked of a terminal by its owner alone. */
export const CALLS: readonly (readonly [method: string, path: string, body: object | undefined])[] = [
  ["GET", "", undefined],
  ["POST", "/execute", { command: "true" }],
  ["POST", "/send", { data: "x" }],
  ["GET", "/output", undefined],
  ["POST", "/resize", { cols: 80, rows: 24 }],
  ["POST", "/signal", { signal: "INT" }],
  ["POST", "/restart", {}],
  ["POST", "/ticket", {}],
  ["GET", "/executions/1", undefined],
  ["DELETE", "/executions/1", undefined],
  ["DELETE", "", undefined],
];

/** A gateway that serves terminals to this machine. */
export interface Place {
  readonly gateway: Gateway;
  readonly url: string;
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  /** Opens a local terminal; gives its path. */
  open(request?: object): Promise<string>;
}

/** Starts a server with quiet shells, until the test has finished. */
export async function terminals(
  options: Partial<GatewayOptions> & { terminal?: GatewayConfigInput["terminal"] } = {},
): Promise<Place> {
  const quiet: GatewayConfigInput["terminal"] = {
    mode: "loopback",
    shells: ["/bin/bash"],
    env: { HOME: "/", PS1: "$ " },
  };
  const terminal = { ...quiet, ...options.terminal };
  const gateway = new Gateway({ ...options, terminal });
  const serving = await serve(gateway, { host: "127.0.0.1", port: 0, drain: { acceptMs: 0, finishMs: 0 } });
  onTestFinished(() => serving.close());

  async function call(method: string, path: string, body?: unknown, headers = {}): Promise<Answer> {
    const response = await fetch(`${serving.url}${path}`, {
      method,
      headers: { ...(body === undefined ? {} : { "content-type": "application/json" }), ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: text === "" ? {} : JSON.parse(text) };
  }

  return {
    gateway,
    url: serving.url,
    call,
    async open(request = { type: "local" }) {
      const { session } = (await call("POST", "/v1/terminal/sessions", request)).body as unknown as Envelope;
      return `/v1/terminal/${session.id}`;
    },
  };
}

interface Envelope {
  readonly session: { readonly id: string };
}
