import { LearnedScore } from "@sluice/core";
import { z } from "zod";
import { type Curve, curveOf } from "./measures.js";
import { readLines } from "./recording.js";

/** A prompt of which is known only which of two models was right. */
const Labelled = z.object({ prompt: z.string(), labels: z.record(z.string(), z.number()) });

/** Passes over the outcomes; a deployment sees each once, and more of them. */
const EPOCHS = 3;

/** How well a score learned from the outcomes in `train` tells which prompts of `file` need the strong model. */
export function learnedCurve(file: string, train: string, [weak, strong]: readonly [string, string]): Curve {
  const score = new LearnedScore();
  const outcomes = readLines(train, Labelled);
  const gain = ({ labels }: z.infer<typeof Labelled>) => (labels[strong] ?? 0) - (labels[weak] ?? 0);
  for (let epoch = 0; epoch < EPOCHS; epoch++) for (const row of outcomes) score.learn(row.prompt, gain(row));
  return curveOf(
    readLines(file, Labelled).map((row) => ({
      score: score.score(row.prompt),
      weak: row.labels[weak] ?? 0,
      strong: row.labels[strong] ?? 0,
    })),
  );
}
