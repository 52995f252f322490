import type { Played } from "./play.js";
import { type RecordedAnswer, type RecordedQuestion, type Recording, scoreOf } from "./recording.js";

/** Quality and cost of one way to answer, in percent of always asking the strong model. */
export interface Point {
  readonly name: string;
  /** Per cent of the strong model's quality. */
  readonly quality: number;
  /** Per cent of the strong model's cost. */
  readonly cost: number;
}

/** What a replay found. */
export interface Measures {
  readonly questions: number;
  readonly policy: Point;
  /** Every model alone, the strong one among them. */
  readonly alone: readonly Point[];
  /** The best of the models cheaper than the strong one. */
  readonly bestCheap: Point;
  /** Asking the strong model at random, as often as costs the same. */
  readonly randomMix: Point;
  /** Knowing beforehand which cheapest model is right. */
  readonly oracle: Point;
  /** Calls by model. */
  readonly calls: ReadonlyMap<string, number>;
  /** Share of questions the strong model answered, 0 to 1. */
  readonly strongShare: number;
  /** How well the judges' word tells questions that need the strong model. */
  readonly curve: Curve;
}

/** Quality gained over the share of strong calls. */
export interface Curve {
  /** Area under it, 0.5 for chance. */
  readonly apgr: number;
  /** Per cent of strong calls for half, and for four fifths, of what the strong model gains; null where never reached. */
  readonly cpt50: number | null;
  readonly cpt80: number | null;
}

/** What a replay is measured by. */
export interface MeasureOptions {
  readonly prices: Recording["prices"];
  /** In the order of the layers; the last one is the strong one. */
  readonly models: readonly string[];
  /** Whether models of L0 cost nothing. */
  readonly freeL0: boolean;
}

/** How much a verdict says that the strong model is needed. */
const SUSPICION = { accept: 0, unknown: 0.5, reject: 1 } as const;
/** Among equal verdicts longer prompts come first: small enough never to change the order of verdicts. */
const TIE_BREAKER = 100;

/** Measures a replay. */
export function measure(played: readonly Played[], options: MeasureOptions): Measures {
  const strong = options.models.at(-1) ?? "";
  const cost = costIn(options);
  const base = totalsOf(played.map(({ question }) => firstOf(question, strong)));
  const point = (name: string, totals: Totals): Point => ({
    name,
    quality: (100 * totals.score) / base.score,
    cost: (100 * totals.cost) / base.cost,
  });

  function totalsOf(answers: readonly Priced[]): Totals {
    return {
      score: answers.reduce((sum, { answer }) => sum + scoreOf(answer), 0),
      cost: answers.reduce((sum, each) => sum + cost(each), 0),
    };
  }

  const aloneTotals = (model: string) => totalsOf(played.map(({ question }) => firstOf(question, model)));
  const alone = options.models.map((model) => point(model, aloneTotals(model)));
  const cheap = alone.slice(0, -1).sort((one, other) => other.quality - one.quality);
  const bestCheap = cheap[0] ?? point(strong, base);
  const policy = point("policy", {
    score: played.reduce((sum, one) => sum + scoreOf(servedAnswer(one)), 0),
    cost: played.flatMap(({ calls }) => calls).reduce((sum, call) => sum + cost(call), 0),
  });
  const oracle = played.map(({ question }) => {
    const choices = options.models
      .map((model) => firstOf(question, model))
      .sort((one, other) => cost(one) - cost(other));
    return choices.find(({ answer }) => scoreOf(answer) >= 0.5) ?? (choices[0] as Priced); // there is at least the strong one
  });
  return {
    questions: played.length,
    policy,
    alone,
    bestCheap,
    randomMix: mixAt(policy.cost, bestCheap),
    oracle: point("oracle", totalsOf(oracle)),
    calls: countCalls(played),
    strongShare: played.filter(({ model }) => model === strong).length / played.length,
    curve: curveOf(
      played.map((one) => {
        const weak = one.calls.find(({ model }) => model === weakModel(options));
        return {
          score: SUSPICION[one.verdict ?? "accept"] + Math.log1p(one.question.prompt.length) / TIE_BREAKER,
          weak: scoreOf(weak?.answer ?? firstOf(one.question, weakModel(options)).answer),
          strong: scoreOf(firstOf(one.question, strong).answer),
        };
      }),
    ),
  };
}

/** The area and the shares for any score; questions of one score are taken in random order, that is, on average. */
export function curveOf(
  rows: readonly { readonly score: number; readonly weak: number; readonly strong: number }[],
): Curve {
  const mean = (key: "weak" | "strong") => rows.reduce((sum, row) => sum + row[key], 0) / rows.length;
  const [weak, strong] = [mean("weak"), mean("strong")];
  const gains = averagedGains(rows);
  const steps = Array.from({ length: 11 }, (_, tenth) => {
    const share = Math.round((rows.length * tenth) / 10);
    const gained = gains.slice(0, share).reduce((sum, gain) => sum + gain, 0);
    return gained / rows.length / (strong - weak);
  });
  const area = steps.slice(1).reduce((sum, step, at) => sum + (step + (steps[at] ?? 0)) / 20, 0);
  return { apgr: area, cpt50: shareFor(0.5, steps), cpt80: shareFor(0.8, steps) };
}

/** What the strong model gains on each question, the highest score first; equal scores share their gain. */
function averagedGains(rows: readonly { readonly score: number; readonly weak: number; readonly strong: number }[]) {
  const groups = new Map<number, number[]>();
  for (const { score, weak, strong } of rows) groups.set(score, [...(groups.get(score) ?? []), strong - weak]);
  return [...groups]
    .sort(([one], [other]) => other - one)
    .flatMap(([, gains]) => gains.map(() => gains.reduce((sum, gain) => sum + gain, 0) / gains.length));
}

function shareFor(wanted: number, steps: readonly number[]): number | null {
  for (let at = 1; at < steps.length; at++) {
    const [before, after] = [steps[at - 1] ?? 0, steps[at] ?? 0];
    if (after >= wanted) return (at - 1 + Math.max(0, wanted - before) / (after - before)) * 10;
  }
  return null;
}

interface Totals {
  readonly score: number;
  readonly cost: number;
}

interface Priced {
  readonly model: string;
  readonly answer: RecordedAnswer;
  readonly inputTokens: number;
  readonly outputTokens: number;
}

function firstOf({ responses, promptTokens }: RecordedQuestion, model: string): Priced {
  const answer = (responses[model] ?? [])[0];
  if (!answer) throw new Error(`${model} has no recorded answer`);
  return { model, answer, inputTokens: answer.inTokens ?? promptTokens, outputTokens: answer.outTokens };
}

/** The recorded answer that the caller got. */
function servedAnswer({ calls, model, text }: Played): RecordedAnswer {
  const call = calls.find((each) => each.model === model && each.answer.text === text);
  if (!call) throw new Error(`the gateway served an answer that ${model} never gave`);
  return call.answer;
}

function costIn({ prices, freeL0 }: MeasureOptions) {
  return ({ model, inputTokens, outputTokens }: Priced): number => {
    const price = prices[model];
    if (!price) throw new Error(`${model} has no price`);
    if (freeL0 && price.layer === "L0") return 0;
    return (inputTokens * price.input + outputTokens * price.output) / 1e6;
  };
}

/** The cheap model that answers first: L1's, where there is one. */
function weakModel({ models, prices }: MeasureOptions): string {
  return models.find((model) => prices[model]?.layer === "L1") ?? models[0] ?? "";
}

/** The point on the line from the best cheap model to the strong one. */
function mixAt(cost: number, { cost: from, quality }: Point): Point {
  const share = Math.min(1, Math.max(0, (cost - from) / (100 - from)));
  return { name: "random mix", quality: quality + share * (100 - quality), cost: from + share * (100 - from) };
}

function countCalls(played: readonly Played[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { model } of played.flatMap(({ calls }) => calls)) counts.set(model, (counts.get(model) ?? 0) + 1);
  return counts;
}
