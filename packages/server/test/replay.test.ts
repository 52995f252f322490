import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { replay } from "../src/commands/replay.js";
import { type Measures, measure } from "../src/replay/measures.js";
import { play } from "../src/replay/play.js";
import { type Recording, readRecording } from "../src/replay/recording.js";
import { hasRecordings, recording, withoutRecordings } from "./routing-eval.js";

const PRICES: Recording["prices"] = {
  free: { layer: "L0", input: 1, output: 1 },
  cheap: { layer: "L1", input: 1, output: 1 },
  strong: { layer: "L3", input: 10, output: 10 },
};

/** A question with one answer of each model: what it says, and whether that is right. */
function question(id: string, answers: Readonly<Record<string, readonly [text: string, correct: number]>>) {
  const responses = Object.entries(answers).map(([model, [text, correct]]) => [
    model,
    [{ text, correct, outTokens: 90 }],
  ]);
  return { id, prompt: `Question ${id}?`, promptTokens: 10, responses: Object.fromEntries(responses) };
}

const QUESTIONS: Recording["questions"] = [
  question("agreed", { free: ["7", 1], cheap: ["7", 1], strong: ["7", 1] }),
  question("disagreed", { free: ["8", 0], cheap: ["9", 0], strong: ["10", 1] }),
  question("both-wrong", { free: ["3", 0], cheap: ["3", 0], strong: ["4", 1] }),
  question("strong-wrong", { free: ["5", 0], cheap: ["6", 1], strong: ["5", 0] }),
];

async function replayed(source: Recording, models: readonly string[], mode: "balanced" | "quality"): Promise<Measures> {
  const players = models.map((name) => ({ name, layer: source.prices[name]?.layer ?? "L0" }));
  const routing = { mode, enableAutoEscalate: true, maxEscalationLayer: "L3" } as const;
  return measure(await play({ recording: source, players, routing }), { prices: source.prices, models, freeL0: false });
}

describe("a replay", () => {
  it("counts every call and compares with the honest baselines", async () => {
    const source = { questions: QUESTIONS, prices: PRICES };
    const found = await replayed(source, ["free", "cheap", "strong"], "balanced");
    // Right: agreed and disagreed. Calls: four free and four cheap ones at 100, two strong ones at 1,000.
    expect(found.policy.quality).toBeCloseTo((100 * 2) / 3);
    expect(found.policy.cost).toBeCloseTo((100 * 2_800) / 4_000);
    expect(Object.fromEntries(found.calls)).toEqual({ free: 4, cheap: 4, strong: 2 });
    expect(found.bestCheap).toMatchObject({ name: "cheap", cost: 10 });
    expect(found.oracle.quality).toBeCloseTo((100 * 4) / 3);
    expect(found.strongShare).toBe(0.5);
  });

  describe.skipIf(!hasRecordings)(`of recorded answers${withoutRecordings}`, () => {
    it("keeps the strong model's quality for a third of its cost", async () => {
      const whole = readRecording([recording("gsm8k.dev")], undefined);
      const models = ["gemma-2-9b-it", "gpt-4o-mini-2024-07-18", "gpt-4o-2024-08-06"];
      const found = await replayed({ ...whole, questions: whole.questions.slice(0, 100) }, models, "balanced");
      expect(found.policy.quality).toBeGreaterThanOrEqual(99);
      expect(found.policy.cost).toBeLessThanOrEqual(31);
      expect(found.policy.quality).toBeGreaterThan(found.randomMix.quality);
    });
  });
});

describe("sluice replay", () => {
  let folder: string;
  let printed: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "replay-"));
    printed = "";
    vi.spyOn(process.stdout, "write").mockImplementation((text) => {
      printed += String(text);
      return true;
    });
    writeFileSync(join(folder, "q.jsonl"), QUESTIONS.map((each) => JSON.stringify(each)).join("\n"));
    writeFileSync(join(folder, "prices.json"), JSON.stringify({ models: PRICES }));
  });

  afterEach(() => {
    vi.restoreAllMocks();
    rmSync(folder, { recursive: true });
  });

  it("prints what it found and draws it", async () => {
    await replay([join(folder, "q.jsonl")], { plot: join(folder, "plot") });
    expect(printed).toContain("balanced: 4 questions, in per cent of always asking strong");
    expect(printed).toMatch(/this policy +66\.7 % +70\.0 %/);
    expect(printed).toMatch(/random mix at this cost +\d/);
    expect(readFileSync(join(folder, "plot.svg"), "utf8")).toContain("policy (66.7 / 70.0)");
    expect([...readFileSync(join(folder, "plot.png")).subarray(1, 4)]).toEqual([...Buffer.from("PNG")]);
  });

  it.each([
    [[], {}, /name at least one file/],
    [["nowhere.jsonl"], {}, /nowhere\.jsonl cannot be read \(ENOENT\)/],
    [["q.jsonl"], { mode: "cheap" }, /--mode must be one of/],
    [["q.jsonl"], { models: "free,unheard" }, /unheard has no price/],
    [["q.jsonl"], { models: "cheap,strong@L1" }, /cheap, strong: all on one layer, so nothing could escalate/],
    [["q.jsonl"], { limit: "none" }, /--limit must be a number above 0/],
    [["q.jsonl"], { train: "q.jsonl" }, /--train needs --models/],
  ])("says what is wrong with %j %j", async (files, flags, message) => {
    await expect(
      replay(
        files.map((file) => join(folder, file)),
        flags,
      ),
    ).rejects.toThrow(message);
  });

  it("puts models on other layers than the prices do, as whoever replays says", async () => {
    await replay([join(folder, "q.jsonl")], { models: "cheap,free@L3" });
    expect(printed).toContain("balanced: 4 questions, in per cent of always asking free");
  });

  it("names the line that is damaged", async () => {
    writeFileSync(join(folder, "q.jsonl"), `${JSON.stringify(QUESTIONS[0])}\n{"id":"x"}\n`);
    await expect(replay([join(folder, "q.jsonl")], {})).rejects.toThrow(/q\.jsonl:2: prompt: /);
  });
});
