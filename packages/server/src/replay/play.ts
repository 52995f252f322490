import { Gateway, type GatewayOptions, type LayerName } from "@sluice/core";
import { serve } from "@sluice/node";
import { z } from "zod";
import { type RecordedCall, recordedProvider } from "./recorded-provider.js";
import type { RecordedQuestion, Recording } from "./recording.js";

/** A model that takes part, and where it stands. */
export interface Player {
  readonly name: string;
  readonly layer: LayerName;
}

/** What is replayed, and by which policy. */
export interface PlayOptions {
  readonly recording: Recording;
  /** In order: of one layer, the first goes first. */
  readonly players: readonly Player[];
  readonly routing: GatewayOptions["routing"];
  /** Called after each question. */
  readonly onProgress?: ((done: number) => void) | undefined;
}

/** How one question came out. */
export interface Played {
  readonly question: RecordedQuestion;
  /** The model whose answer the caller got. */
  readonly model: string;
  readonly text: string;
  readonly escalated: boolean;
  /** The deciding judge's word; null where nothing was judged. */
  readonly verdict: "accept" | "reject" | "unknown" | null;
  /** Every upstream call made for it, in order, by the upstream's own books. */
  readonly calls: readonly RecordedCall[];
}

/** Questions that are under way at once. */
const AT_ONCE = 8;

const Completion = z.object({ choices: z.array(z.object({ message: z.object({ content: z.string() }) })).min(1) });

/**
 * Asks every question over HTTP through a real gateway, whose provider is a second gateway that plays the recording. What
 * it finds is what a deployment would do, down to the wire.
 */
export async function play({ recording, players, routing, onProgress }: PlayOptions): Promise<readonly Played[]> {
  const books = new Map<string, RecordedCall[]>();
  const provider = recordedProvider(recording.questions, (call) => books.get(call.question.id)?.push(call));
  const upstream = await listening(
    new Gateway({ ...OPEN, providers: { recorded: provider }, models: models(players) }),
  );
  const baseUrl = `${upstream.url}/v1`;
  const recorded = { type: "openai-compatible", baseUrl };
  const gateway = await listening(
    new Gateway({ ...OPEN, providers: { recorded }, models: models(players, recording.prices), routing }),
  );
  const played: Played[] = [];
  const waiting = [...recording.questions];
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, work));
  } finally {
    await gateway.close();
    await upstream.close();
  }
  const order = new Map(recording.questions.map(({ id }, at) => [id, at]));
  return played.sort((one, other) => (order.get(one.question.id) ?? 0) - (order.get(other.question.id) ?? 0));

  async function work(): Promise<void> {
    for (let question = waiting.shift(); question; question = waiting.shift()) {
      books.set(question.id, []);
      const answer = await ask(gateway.url, question);
      played.push({ question, ...answer, calls: books.get(question.id) ?? [] });
      onProgress?.(played.length);
    }
  }
}

/** Limits are for callers, and this one asks a year's questions in a minute. */
const OPEN = { limits: { perIp: null, perKey: null } } as const;

async function listening(gateway: Gateway) {
  return serve(gateway, { host: "127.0.0.1", port: 0, drain: { acceptMs: 0 } });
}

async function ask(url: string, { prompt }: RecordedQuestion): Promise<Omit<Played, "question" | "calls">> {
  const response = await fetch(`${url}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ model: "auto", messages: [{ role: "user", content: prompt }] }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`the gateway answered ${response.status}: ${text.slice(0, 500)}`);
  const { headers } = response;
  const verdict = headers.get("x-sluice-verdict")?.split("=")[1];
  return {
    model: headers.get("x-sluice-model") ?? "",
    text: Completion.parse(JSON.parse(text)).choices[0]?.message.content ?? "",
    escalated: headers.get("x-sluice-escalated") === "true",
    verdict: verdict === "accept" || verdict === "reject" || verdict === "unknown" ? verdict : null,
  };
}

function models(players: readonly Player[], prices: Recording["prices"] = {}) {
  return players.map(({ name, layer }, priority) => {
    const price = prices[name];
    return {
      id: name,
      provider: "recorded",
      apiModelName: name,
      layer,
      priority,
      ...(price && { price: { inputPerMTok: price.input, outputPerMTok: price.output } }),
    };
  });
}
