import type { Curve, Measures, Point } from "./measures.js";

/** What a replay found, for a person. */
export function report(title: string, measures: Measures): string {
  const { policy, alone, bestCheap, randomMix, oracle, questions, calls, strongShare, curve } = measures;
  const rows: readonly (readonly [string, Point])[] = [
    ["this policy", policy],
    ["random mix at this cost", randomMix],
    [`best cheap model (${bestCheap.name})`, bestCheap],
    ["oracle", oracle],
    ...alone.map((point): [string, Point] => [point.name, point]),
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  return [
    `${title}: ${questions} questions, in per cent of always asking ${alone.at(-1)?.name}`,
    "",
    `  ${"".padEnd(width)}  quality     cost`,
    ...rows.map(([name, { quality, cost }]) => `  ${name.padEnd(width)}  ${percent(quality)}  ${percent(cost)}`),
    "",
    `  answered by the strong model: ${(100 * strongShare).toFixed(1)} %`,
    `  calls: ${[...calls].map(([model, count]) => `${model} ${count}`).join(", ")}`,
    `  judges as a score: ${describeCurve(curve)}`,
    "",
  ].join("\n");
}

/** `APGR 0.934, CPT50 15.0 %, CPT80 23.9 %` */
export function describeCurve({ apgr, cpt50, cpt80 }: Curve): string {
  const share = (value: number | null) => (value === null ? "never" : `${value.toFixed(1)} %`);
  return `APGR ${apgr.toFixed(3)}, CPT50 ${share(cpt50)}, CPT80 ${share(cpt80)}`;
}

function percent(value: number): string {
  return `${value.toFixed(1).padStart(6)} %`;
}
