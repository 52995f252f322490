import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { LAYERS } from "@sluice/core";
import { z } from "zod";
import { ConfigError } from "../config/config-error.js";

const Answer = z.object({
  text: z.string(),
  outTokens: z.number().nonnegative(),
  inTokens: z.number().nonnegative().optional(),
  /** 1 for a right answer, 0 for a wrong one. */
  correct: z.number().nullish(),
  /** The same as whoever recorded it had it, where that differs. */
  sourceCorrect: z.number().nullish(),
  /** 1 to 10, as a judge gave it, where right and wrong do not apply. */
  score: z.number().nullish(),
});

const Question = z.object({
  id: z.string(),
  prompt: z.string(),
  promptTokens: z.number().nonnegative(),
  responses: z.record(z.string(), z.array(Answer).min(1)),
});

const Prices = z.object({
  models: z.record(z.string(), z.object({ layer: z.enum(LAYERS), input: z.number(), output: z.number() })),
});

/** One answer a model once gave. */
export type RecordedAnswer = z.infer<typeof Answer>;
/** A question, and what each model answered. */
export type RecordedQuestion = z.infer<typeof Question>;
/** A model's layer, and US dollars per million tokens. */
export type RecordedPrice = z.infer<typeof Prices>["models"][string];

/** Questions with recorded answers, and what the models cost. */
export interface Recording {
  readonly questions: readonly RecordedQuestion[];
  readonly prices: Readonly<Record<string, RecordedPrice>>;
}

/**
 * Reads recorded answers (JSON Lines) and the prices beside the first file.
 * @throws ConfigError naming the file and the line
 */
export function readRecording(files: readonly string[], pricesFile: string | undefined): Recording {
  const questions = files.flatMap((file) => readLines(file, Question));
  const path = pricesFile ?? join(dirname(files[0] ?? "."), "prices.json");
  return { questions, prices: checked(Prices, parsed(readText(path), path), path).models };
}

/** Reads a file of JSON Lines. @throws ConfigError naming the line */
export function readLines<Row extends z.ZodType>(file: string, row: Row): z.output<Row>[] {
  const lines = readText(file).split("\n");
  return lines.flatMap((line, at) => {
    const place = `${file}:${at + 1}`;
    return line.trim() === "" ? [] : [checked(row, parsed(line, place), place)];
  });
}

/** The same recording, judged as whoever recorded it did. */
export function withSourceLabels({ questions, prices }: Recording): Recording {
  const relabelled = questions.map(({ responses, ...question }) => ({
    ...question,
    responses: Object.fromEntries(
      Object.entries(responses).map(([model, answers]) => [
        model,
        answers.map((answer) => ({ ...answer, correct: answer.sourceCorrect ?? answer.correct })),
      ]),
    ),
  }));
  return { questions: relabelled, prices };
}

/** How good an answer is, 0 to 1. */
export function scoreOf({ correct, score }: RecordedAnswer): number {
  return correct ?? (score ?? 0) / 10;
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new ConfigError(`${file} cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
}

function parsed(text: string, place: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new ConfigError(`${place} is not JSON`);
  }
}

function checked<Schema extends z.ZodType>(schema: Schema, value: unknown, place: string): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new ConfigError(`${place}: ${issue?.path.join(".") || "the line"}: ${issue?.message}`);
}
