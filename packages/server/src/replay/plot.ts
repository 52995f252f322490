import { type PlacedLabel, placeLabels, type Segment } from "./label-places.js";
import type { Measures, Point } from "./measures.js";

const WIDTH = 880;
const HEIGHT = 560;
const LEFT = 72;
const RIGHT = 32;
const TOP = 56;
const BOTTOM = 64;
const LABEL_HEIGHT = 16;

/** Quality against cost as an SVG picture: the policy, each model alone, the random mix and the oracle. */
export function plot(title: string, { policy, alone, bestCheap, oracle }: Measures): string {
  const points = [policy, oracle, ...alone];
  const floor = Math.max(0, Math.floor(Math.min(...points.map(({ quality }) => quality)) / 10) * 10 - 10);
  const top = Math.max(105, Math.ceil(Math.max(...points.map(({ quality }) => quality)) / 5) * 5);
  const right = Math.max(110, Math.ceil(Math.max(...points.map(({ cost }) => cost)) / 10) * 10);
  const x = (cost: number) => LEFT + (cost / right) * (WIDTH - LEFT - RIGHT);
  const y = (quality: number) => HEIGHT - BOTTOM - ((quality - floor) / (top - floor)) * (HEIGHT - TOP - BOTTOM);
  const strong = alone.at(-1) ?? policy;
  const at = ({ cost, quality }: Point) => ({ x: x(cost), y: y(quality) });
  const line = { from: at(bestCheap), to: at(strong) };
  const dots = [
    dotOf(policy, at(policy), "#c05621", 8),
    dotOf(oracle, at(oracle), "#2f855a", 5),
    ...alone.map((point) => dotOf(point, at(point), "#7b8794", 5)),
  ];
  const bounds = { left: LEFT, top: TOP - LABEL_HEIGHT, right: WIDTH, bottom: HEIGHT - BOTTOM };
  const labels = placeLabels(dots, { bounds, line });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" font-family="DejaVu Sans, sans-serif" font-size="13" fill="#1f2933">
<rect width="${WIDTH}" height="${HEIGHT}" fill="#ffffff"/>
<text x="${LEFT}" y="30" font-size="17">${escaped(title)}</text>
<text x="${WIDTH - RIGHT}" y="30" text-anchor="end" fill="#616e7c">name (quality / cost); dashed: the random mix</text>
${ticks(0, right, 20)
  .map((cost) => gridX(x(cost), cost))
  .join("\n")}
${ticks(floor, top, 5)
  .map((quality) => gridY(y(quality), quality))
  .join("\n")}
<text x="${(WIDTH + LEFT) / 2}" y="${HEIGHT - 16}" text-anchor="middle">cost, per cent of always asking the strong model</text>
<text x="20" y="${HEIGHT / 2}" text-anchor="middle" transform="rotate(-90 20 ${HEIGHT / 2})">quality, per cent of the strong model</text>
<line ${ends(line)} stroke="#7b8794" stroke-dasharray="6 5"><title>random mix</title></line>
${labels.flatMap(({ leader }) => (leader ? [`<line ${ends(leader)} stroke="#cbd2d9"/>`] : [])).join("\n")}
${dots.map(({ x: cx, y: cy, radius, color }) => `<circle cx="${one(cx)}" cy="${one(cy)}" r="${radius}" fill="${color}"/>`).join("\n")}
${dots.map(({ text }, index) => label(text, labels[index])).join("\n")}
</svg>
`;
}

function dotOf(
  { name, quality, cost }: Point,
  place: { readonly x: number; readonly y: number },
  color: string,
  radius: number,
) {
  return { ...place, color, radius, text: `${name} (${quality.toFixed(1)} / ${cost.toFixed(1)})` };
}

function label(text: string, placed: PlacedLabel | undefined): string {
  if (!placed) return "";
  const { anchor, box } = placed;
  const x = { start: box.left, middle: (box.left + box.right) / 2, end: box.right }[anchor];
  return `<text x="${one(x)}" y="${one(box.bottom - 4)}" text-anchor="${anchor}">${escaped(text)}</text>`;
}

function ends({ from, to }: Segment): string {
  return `x1="${one(from.x)}" y1="${one(from.y)}" x2="${one(to.x)}" y2="${one(to.y)}"`;
}

function one(length: number): string {
  return length.toFixed(1);
}

function gridX(x: number, value: number): string {
  return `<line x1="${x}" y1="${TOP}" x2="${x}" y2="${HEIGHT - BOTTOM}" stroke="#e4e7eb"/><text x="${x}" y="${HEIGHT - BOTTOM + 20}" text-anchor="middle">${value}</text>`;
}

function gridY(y: number, value: number): string {
  return `<line x1="${LEFT}" y1="${y}" x2="${WIDTH - RIGHT}" y2="${y}" stroke="#e4e7eb"/><text x="${LEFT - 8}" y="${y + 4}" text-anchor="end">${value}</text>`;
}

function ticks(from: number, to: number, step: number): readonly number[] {
  return Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, at) => from + at * step);
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
