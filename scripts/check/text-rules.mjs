import { isTest } from "./sources.mjs";

const LIBRARY = /^packages\/(?:core|node|testkit)\/src\//;

/** Words that must not stand in a source, where, and why. */
const RULES = [
  {
    words: /\bprocess\.env\b/,
    except: /^packages\/server\/src\/config\.ts$/,
    reason: "the environment is read in packages/server/src/config.ts alone",
  },
  { words: /\bconsole\./, only: LIBRARY, reason: "a library does not print; use the logger" },
  { words: /:\s*any\b|\bas any\b|<any>/, reason: "no any; use unknown and narrow it" },
  {
    words: /biome-ignore|@ts-ignore|@ts-nocheck|@ts-expect-error|eslint-disable/,
    reason: "no rule is switched off in place",
  },
  {
    words: /\bas unknown as\b/,
    except: /^packages\/core\/src\/(?:http\/route|wire)\.ts$/,
    reason: "a double cast hides a design fault",
  },
  {
    words: /\b(?:Date\.now|Math\.random|new Date\(\))/,
    only: /^packages\/core\/src\//,
    except: /\/clock\.ts$/,
    reason: "time and chance come from the Clock",
  },
  { words: /\beval\(|new Function\(/, reason: "no code from text" },
];

const TEST_RULES = [
  { words: /\.(?:only|todo)\(/, reason: "a test left alone hides the others" },
  { words: /expect\(true\)/, reason: "a test that cannot fail" },
];

/** One line for every forbidden word. */
export function textViolations(sources) {
  return sources.flatMap((source) => {
    const rules = isTest(source) ? TEST_RULES : RULES;
    return rules.flatMap(({ words, only, except, reason }) => {
      if ((only && !only.test(source.path)) || except?.test(source.path)) return [];
      return source.text
        .split("\n")
        .map((line, index) => ({ line: code(line), number: index + 1 }))
        .filter(({ line }) => words.test(line))
        .map(({ number }) => `${source.path}:${number}: ${reason}`);
    });
  });
}

/** A line without its comment, where it is nothing but one, and without the text of its strings. */
function code(line) {
  if (/^\s*(?:\/\/|\*|\/\*)/.test(line) && !/biome-ignore|@ts-|eslint-disable/.test(line)) return "";
  return line.replace(/"(?:[^"\\]|\\.)*"/g, '""');
}
