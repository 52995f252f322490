import {
  Gateway,
  type LedgerRow,
  memoryStore,
  type Provider,
  type ProviderCall,
  type Receiver,
  type Store,
} from "@sluice/core";
import { error, fakeProvider, faults, openai } from "@sluice/testkit";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

/** Dollars per million tokens, with digits enough to show any rounding. */
const PRICES = {
  L0: { inputPerMTok: 0.037, outputPerMTok: 0.149, cacheReadPerMTok: 0.0021 },
  L1: { inputPerMTok: 0.6, outputPerMTok: 2.4, cacheReadPerMTok: 0.15 },
  L3: { inputPerMTok: 5.000001, outputPerMTok: 25.999999, cacheReadPerMTok: 0.5 },
};
type Layer = keyof typeof PRICES;

const MANY_TURNS = 40;

/** What an upstream does with one call. */
const behaviour = fc.record({
  kind: fc.constantFrom("answers", "answers", "answers", "refuses", "breaks off", "refuses the connection"),
  prompt: fc.nat(300_000),
  cached: fc.nat(300_000),
  output: fc.nat(9_000),
  text: fc.constantFrom<string>("The answer is 4.", "The answer is 5.", ""),
  /** How many turns of the event loop it takes. */
  turns: fc.constantFrom<number>(0, 0, 3, MANY_TURNS),
});
type Behaviour = typeof behaviour extends fc.Arbitrary<infer Value> ? Value : never;

const call = fc.record({
  model: fc.constantFrom("auto", "auto", "m-L1", "m-L3"),
  stream: fc.boolean(),
  leavesAfter: fc.option(fc.nat(6), { nil: null }),
  // Room for the cheap models' worst case, and not for the dear one's beside it.
  maxCostUsd: fc.constantFrom<number | null>(null, null, 0.5),
});

/** An upstream that behaves as a script says, and bills what it has delivered whole: in integers, on its own. */
function billing(layer: Layer, script: () => Behaviour, bills: bigint[]): Provider {
  const amounts = new Map<ProviderCall, bigint>();
  const reply = async (each: ProviderCall) => {
    const { kind, prompt, cached, output, text, turns } = script();
    await turnsOf(turns);
    const read = Math.min(prompt, cached);
    const usage = {
      prompt_tokens: prompt,
      completion_tokens: output,
      total_tokens: prompt + output,
      prompt_tokens_details: { cached_tokens: read },
    };
    if (kind === "refuses") return error(500, {});
    if (kind === "breaks off")
      return each.stream ? openai.stream([text], { finish_reason: null, done: false }) : faults.html();
    const { inputPerMTok, outputPerMTok, cacheReadPerMTok } = PRICES[layer];
    const micro = (perMTok: number) => BigInt(Math.round(perMTok * 1e6));
    const fresh = BigInt(prompt - read) * micro(inputPerMTok);
    amounts.set(each, fresh + BigInt(read) * micro(cacheReadPerMTok) + BigInt(output) * micro(outputPerMTok));
    return each.stream ? openai.stream(text.split(" "), { usage }) : openai.completion({ content: text, usage });
  };
  const inner = fakeProvider({
    name: layer,
    chat: reply,
    stream: reply,
    fail: () => (script().kind === "refuses the connection" ? new Error("ECONNREFUSED") : null),
  });
  const bill = (each: ProviderCall) => {
    const amount = amounts.get(each);
    if (amount !== undefined) bills.push(amount);
    amounts.delete(each);
  };
  const send = (each: ProviderCall, receiver: Receiver) =>
    inner.send(each, {
      onStart: (exchange) => receiver.onStart(exchange),
      onHeaders: (status, headers) => receiver.onHeaders(status, headers),
      onError: (cause) => receiver.onError(cause),
      onData(chunk) {
        if (chunk.includes("[DONE]")) bill(each);
        receiver.onData(chunk);
      },
      onEnd() {
        bill(each);
        receiver.onEnd();
      },
    });
  return Object.assign(Object.create(inner) as Provider, { send });
}

async function turnsOf(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
}

function recorded(): { store: Store; rows: LedgerRow[] } {
  const rows: LedgerRow[] = [];
  const plain = memoryStore();
  const append = async (added: readonly LedgerRow[]) => void rows.push(...added);
  return { store: { ...plain, usage: { ...plain.usage, append } }, rows };
}

/** What became of a row, and what it was for; `again` where its model had been asked before for the same. */
function kindsOf(rows: readonly LedgerRow[]): readonly string[] {
  const asked = new Set<string>();
  return rows.flatMap(({ requestId, model, role, status, omitted }) => {
    const known = asked.has(`${requestId} ${model} ${role}`);
    asked.add(`${requestId} ${model} ${role}`);
    return [role, status, ...(known ? ["again"] : []), ...(omitted ? ["omitted"] : [])];
  });
}

const EVERY_KIND = [
  ...["answer", "verifier", "judge", "again", "omitted"],
  ...["finished", "discarded", "failed", "aborted", "lost"],
];

type Call = typeof call extends fc.Arbitrary<infer Value> ? Value : never;
type Mode = "off" | "economy" | "balanced" | "quality";
type Example = [calls: Call[], script: Behaviour[], mode: Mode, judgeModel: string | null];

/** One of each kind, so that none of them is left to chance. Upstreams ask their script twice for every call. */
function examples(): Example[] {
  const asked: Call = { model: "auto", stream: false, leavesAfter: null, maxCostUsd: null };
  const does = (text: string, turns = 0, kind: Behaviour["kind"] = "answers"): Behaviour[] => {
    const each = { kind, prompt: 1_000, cached: 10, output: 70, text, turns };
    return [each, each];
  };
  const [four, five] = [does("The answer is 4."), does("The answer is 5.")];
  return [
    [[asked], [...four, ...five, ...five], "balanced", null], // discarded
    [[{ ...asked, maxCostUsd: 0.5 }], [...four, ...five], "balanced", null], // not escalated
    [[asked], [...four, ...five, ...five], "economy", "m-L0"], // judged by a model
    [[asked], [...does(""), ...does("The answer is 4.", MANY_TURNS), ...five], "balanced", null], // a lost verifier
    [[{ ...asked, model: "m-L1", leavesAfter: 2 }], does("The answer is 4.", MANY_TURNS), "off", null], // aborted
    [[{ ...asked, model: "m-L1" }], [...does("", 0, "refuses"), ...four], "off", null], // tried again
  ];
}

describe("the ledger and the upstreams' own bills", () => {
  it("agree to the last digit, and every call has one row, whatever happens", async () => {
    const seen = new Set<string>();
    await fc.assert(
      fc.asyncProperty(
        fc.array(call, { minLength: 1, maxLength: 8 }),
        fc.array(behaviour, { minLength: 1, maxLength: 30 }),
        fc.constantFrom<Mode>("off", "economy", "balanced", "quality"),
        fc.constantFrom(null, "m-L0"),
        async (calls, script, mode, judgeModel) => {
          const bills: bigint[] = [];
          const { store, rows } = recorded();
          let turn = 0;
          const next = () => script[turn++ % script.length] as Behaviour;
          let sent = 0;
          const layers: Layer[] = ["L0", "L1", "L3"];
          const providers = Object.fromEntries(
            layers.map((layer) => {
              const provider = billing(layer, next, bills);
              const { send } = provider;
              provider.send = (each, receiver) => {
                sent++;
                send(each, receiver);
              };
              return [layer, provider];
            }),
          );
          const gateway = new Gateway({
            store,
            providers,
            routing: {
              mode,
              judgeModel,
              defaultLayer: "L1",
              maxEscalationLayer: "L3",
              enableAutoEscalate: true,
              bufferStreams: true,
            },
            layers: { L0: { enabled: true } },
            cost: { budgets: [{ id: "all", scope: "global", window: "month", limitUsd: 1_000_000 }] },
            models: layers.map((layer) => ({
              id: `m-${layer}`,
              provider: layer,
              apiModelName: layer,
              layer,
              price: PRICES[layer],
            })),
          });
          await Promise.all(
            calls.map(async ({ model, stream, leavesAfter, maxCostUsd }) => {
              const leaving = new AbortController();
              const messages = [{ role: "user" as const, content: "What is 2+2?" }];
              const request = { model, messages, ...(maxCostUsd === null ? {} : { sluice: { maxCostUsd } }) };
              const { signal } = leaving;
              const asking: Promise<unknown> = stream
                ? (async () => {
                    for await (const _chunk of gateway.stream(request, { signal }));
                  })()
                : gateway.chat(request, { signal });
              const ended = asking.catch(() => {}); // it may fail before anybody waits for it
              if (leavesAfter !== null) {
                await turnsOf(leavesAfter);
                leaving.abort();
              }
              await ended;
            }),
          );
          const budgets = await gateway.fetch(new Request("http://localhost/v1/budgets"));
          const [{ usedUsd }] = ((await budgets.json()) as { data: [{ usedUsd: number }] }).data;
          await gateway.close();
          const spent = rows.reduce((sum, row) => sum + BigInt(row.cost ?? row.estimatedCost ?? 0), 0n);
          expect(usedUsd).toBe(Number(spent) / 1e12);
          for (const kind of kindsOf(rows)) seen.add(kind);
          expect(rows).toHaveLength(sent);
          expect(new Set(rows.map(({ id }) => id)).size).toBe(sent);
          const known = rows.reduce((sum, { cost }) => sum + BigInt(cost ?? 0), 0n);
          expect(known).toBe(bills.reduce((sum, amount) => sum + amount, 0n));
          for (const { status, usageSource, cost } of rows) {
            if (status === "finished" || status === "discarded") expect(usageSource).toBe("reported");
            if (usageSource === "partial-estimated") expect(cost).toBeNull();
          }
        },
      ),
      { numRuns: 60, examples: examples() },
    );
    expect(EVERY_KIND.filter((kind) => !seen.has(kind))).toEqual([]);
  });
});
