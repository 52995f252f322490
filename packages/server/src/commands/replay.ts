import { writeFileSync } from "node:fs";
import { LAYERS } from "@sluice/core";
import { ConfigError } from "../config/config-error.js";
import { learnedCurve } from "../replay/learned.js";
import { measure } from "../replay/measures.js";
import { type Player, play } from "../replay/play.js";
import { plot } from "../replay/plot.js";
import { png } from "../replay/png.js";
import { progressBar } from "../replay/progress-bar.js";
import { type Recording, readRecording, withSourceLabels } from "../replay/recording.js";
import { describeCurve, report } from "../replay/report.js";

/** Flags of `sluice replay`. */
export interface ReplayFlags {
  readonly mode?: string | undefined;
  readonly models?: string | undefined;
  readonly prices?: string | undefined;
  readonly "free-l0"?: boolean | undefined;
  readonly "source-labels"?: boolean | undefined;
  readonly limit?: string | undefined;
  readonly plot?: string | undefined;
  readonly train?: string | undefined;
}

const MODES = ["economy", "balanced", "quality", "free-first"] as const;

/** `sluice replay`: what a routing policy would have cost and achieved on recorded answers. */
export async function replay(files: readonly string[], flags: ReplayFlags): Promise<void> {
  const [file] = files;
  if (file === undefined) throw new ConfigError("name at least one file of recorded answers");
  const names = flags.models?.split(",") ?? [];
  if (flags.train !== undefined) return replayLabels(file, flags.train, names);
  const mode = MODES.find((each) => each === (flags.mode ?? "balanced"));
  if (!mode) throw new ConfigError(`--mode must be one of ${MODES.join(", ")}`);
  const read = readRecording(files, flags.prices);
  const whole = flags["source-labels"] ? withSourceLabels(read) : read;
  const players = playersOf(whole, names);
  const prices = placed(whole.prices, players);
  const recording = { prices, questions: answeredByAll(whole, players, flags.limit) };
  const played = await play({
    recording,
    players,
    routing: { mode, enableAutoEscalate: true, maxEscalationLayer: players.at(-1)?.layer ?? "L3" },
    onProgress: progressBar(recording.questions.length),
  });
  const freeL0 = flags["free-l0"] === true;
  const found = measure(played, { prices, models: players.map(({ name }) => name), freeL0 });
  const title = `${mode}${freeL0 ? ", L0 for free" : ""}`;
  process.stdout.write(report(title, found));
  if (flags.plot !== undefined) await writePlots(flags.plot, plot(title, found));
}

function replayLabels(file: string, train: string, names: readonly string[]): void {
  const [weak, strong] = names;
  if (weak === undefined || strong === undefined) throw new ConfigError("--train needs --models WEAK,STRONG");
  process.stdout.write(`learned from ${train}: ${describeCurve(learnedCurve(file, train, [weak, strong]))}\n`);
}

/** The models named, or every one that answered all questions, by layer: that of the prices, or as in `name@L3`. */
function playersOf({ questions, prices }: Recording, names: readonly string[]): readonly Player[] {
  const answered = (name: string) => questions.every(({ responses }) => responses[name]);
  const wanted = names.length > 0 ? names : Object.keys(prices).filter(answered);
  const players = wanted.map((word) => {
    const [, name = word, layer] = /^(.+)@(L[0-3])$/.exec(word) ?? [];
    const price = prices[name];
    if (!price) throw new ConfigError(`${name} has no price; the prices know ${Object.keys(prices).join(", ")}`);
    return { name, layer: LAYERS.find((each) => each === layer) ?? price.layer };
  });
  if (new Set(players.map(({ layer }) => layer)).size < 2) {
    const listed = players.map(({ name }) => name).join(", ");
    throw new ConfigError(
      `${listed}: all on one layer, so nothing could escalate; put one higher, as in --models a,b@L3`,
    );
  }
  return LAYERS.flatMap((layer) => players.filter((player) => player.layer === layer));
}

/** The prices, with each player on its layer. */
function placed(prices: Recording["prices"], players: readonly Player[]): Recording["prices"] {
  const moved = players.map(({ name, layer }) => {
    const { input = 0, output = 0 } = prices[name] ?? {};
    return [name, { input, output, layer }] as const;
  });
  return { ...prices, ...Object.fromEntries(moved) };
}

function answeredByAll({ questions }: Recording, players: readonly Player[], limit: string | undefined) {
  const most = limit === undefined ? Number.POSITIVE_INFINITY : Number(limit);
  if (!(most > 0)) throw new ConfigError("--limit must be a number above 0");
  const complete = questions.filter(({ responses }) => players.every(({ name }) => responses[name]));
  if (complete.length === 0) throw new ConfigError("no question has an answer of every model");
  return complete.slice(0, most);
}

async function writePlots(path: string, svg: string): Promise<void> {
  const base = path.replace(/\.(?:svg|png)$/, "");
  writeFileSync(`${base}.svg`, svg);
  writeFileSync(`${base}.png`, await png(svg));
  process.stdout.write(`Wrote ${base}.svg and ${base}.png\n`);
}
