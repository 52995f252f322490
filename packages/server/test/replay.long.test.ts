import { LearnedScore } from "@sluice/core";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { type Curve, curveOf, type Measures, measure } from "../src/replay/measures.js";
import { play } from "../src/replay/play.js";
import { readLines, readRecording, withSourceLabels } from "../src/replay/recording.js";
import { hasRecordings, recording, withoutRecordings } from "./routing-eval.js";

const MINI = "gpt-4o-mini-2024-07-18";
const STRONG = "gpt-4o-2024-08-06";
const GEMMA = "gemma-2-9b-it";
const MIXTRAL = "mixtral-8x7b-instruct-v0.1";
const GPT4 = "gpt-4-1106-preview";

interface Case {
  readonly files?: readonly string[];
  readonly mode: "balanced" | "quality" | "free-first";
  readonly models: readonly string[];
  readonly freeL0?: boolean;
  readonly sourceLabels?: boolean;
  readonly routing?: { readonly maxEscalationShare?: number };
}

async function replayed({ files = ["gsm8k.dev"], mode, models, freeL0 = false, ...rest }: Case): Promise<Measures> {
  const read = readRecording(files.map(recording), undefined);
  const source = rest.sourceLabels ? withSourceLabels(read) : read;
  const complete = source.questions.filter(({ responses }) => models.every((name) => responses[name]));
  const players = models.map((name) => ({ name, layer: source.prices[name]?.layer ?? "L0" }));
  const routing = { mode, enableAutoEscalate: true, maxEscalationLayer: "L3", ...rest.routing } as const;
  const played = await play({ recording: { ...source, questions: complete }, players, routing });
  return measure(played, { prices: source.prices, models, freeL0 });
}

describe.skipIf(!hasRecordings)(`replayed policies${withoutRecordings}`, () => {
  it.each([
    ["balanced", { mode: "balanced", models: [GEMMA, MINI, STRONG] }, 99, 31],
    ["balanced with a free verifier", { mode: "balanced", models: [GEMMA, MINI, STRONG], freeL0: true }, 99, 26],
    ["two wordings of one model", { mode: "quality", models: [MINI, STRONG] }, 99, 27],
    ["an older pair", { mode: "quality", models: ["gpt-3.5-turbo-2023-08", GPT4] }, 96.7, 57],
  ] as const)("%s", async (_name, policy, quality, cost) => {
    const found = await replayed(policy);
    expect(found.policy.quality).toBeGreaterThanOrEqual(quality);
    expect(found.policy.cost).toBeLessThanOrEqual(cost);
    expect(found.policy.quality).toBeGreaterThan(found.randomMix.quality);
  });

  it("tell from a free model's agreement which questions need the strong one", async () => {
    const { curve } = await replayed({
      files: ["gsm8k.train", "gsm8k.dev"],
      mode: "free-first",
      models: [MIXTRAL, GEMMA, GPT4],
      sourceLabels: true,
    });
    expect(curve.apgr).toBeGreaterThanOrEqual(0.87);
    expect(curve.cpt50).toBeLessThanOrEqual(18);
    expect(curve.cpt80).toBeLessThanOrEqual(28);
  });

  it("never escalate more than the permitted share, and lose nothing by it", async () => {
    const found = await replayed({
      mode: "balanced",
      models: [GEMMA, MINI, STRONG],
      routing: { maxEscalationShare: 0.1 },
    });
    expect(found.strongShare).toBeLessThanOrEqual(0.1);
    expect(found.policy.quality).toBeGreaterThanOrEqual(found.bestCheap.quality);
  });

  it("learn from outcomes which prompts need the strong model", () => {
    const rows = ["labels-only/mmlu.train", "labels-only/mmlu.dev"].flatMap((name) =>
      readLines(recording(name), Labelled),
    );
    const curves = Array.from({ length: FOLDS }, (_, fold) => learnedCurve(rows, fold));
    const mean = (value: (curve: Curve) => number) => curves.reduce((sum, curve) => sum + value(curve), 0) / FOLDS;
    expect(mean(({ apgr }) => apgr)).toBeGreaterThanOrEqual(0.62);
    expect(mean(({ cpt50 }) => cpt50 ?? 100)).toBeLessThanOrEqual(35);
  });
});

const FOLDS = 5;
const Labelled = z.object({ prompt: z.string(), labels: z.record(z.string(), z.number()) });

/** Learned from four fifths of the outcomes, measured on the rest. */
function learnedCurve(rows: readonly z.infer<typeof Labelled>[], fold: number): Curve {
  const score = new LearnedScore();
  const known = rows.filter((_, at) => at % FOLDS !== fold);
  const gain = ({ labels }: z.infer<typeof Labelled>) => (labels[GPT4] ?? 0) - (labels[MIXTRAL] ?? 0);
  for (let epoch = 0; epoch < 3; epoch++) for (const row of known) score.learn(row.prompt, gain(row));
  const unseen = rows.filter((_, at) => at % FOLDS === fold);
  return curveOf(
    unseen.map(({ prompt, labels }) => ({
      score: score.score(prompt),
      weak: labels[MIXTRAL] ?? 0,
      strong: labels[GPT4] ?? 0,
    })),
  );
}
