import type { Measures, Point } from "./measures.js";

const WIDTH = 880;
const HEIGHT = 560;
const LEFT = 72;
const RIGHT = 32;
const TOP = 56;
const BOTTOM = 64;

/** Quality against cost as an SVG picture: the policy, each model alone, the random mix and the oracle. */
export function plot(title: string, { policy, alone, bestCheap, oracle }: Measures): string {
  const points = [policy, oracle, ...alone];
  const floor = Math.max(0, Math.floor(Math.min(...points.map(({ quality }) => quality)) / 10) * 10 - 10);
  const top = Math.max(105, Math.ceil(Math.max(...points.map(({ quality }) => quality)) / 5) * 5);
  const right = Math.max(110, Math.ceil(Math.max(...points.map(({ cost }) => cost)) / 10) * 10);
  const x = (cost: number) => LEFT + (cost / right) * (WIDTH - LEFT - RIGHT);
  const y = (quality: number) => HEIGHT - BOTTOM - ((quality - floor) / (top - floor)) * (HEIGHT - TOP - BOTTOM);
  const strong = alone.at(-1) ?? policy;
  const dot = ({ name, quality, cost }: Point, color: string, radius: number) =>
    `<circle cx="${x(cost).toFixed(1)}" cy="${y(quality).toFixed(1)}" r="${radius}" fill="${color}"/>` +
    label(x(cost), y(quality), `${name} (${quality.toFixed(1)} / ${cost.toFixed(1)})`, x(cost) > WIDTH * 0.6);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" font-family="DejaVu Sans, sans-serif" font-size="13" fill="#1f2933">
<rect width="${WIDTH}" height="${HEIGHT}" fill="#ffffff"/>
<text x="${LEFT}" y="30" font-size="17">${escaped(title)}</text>
${ticks(0, right, 20)
  .map((cost) => gridX(x(cost), cost))
  .join("\n")}
${ticks(floor, top, 5)
  .map((quality) => gridY(y(quality), quality))
  .join("\n")}
<text x="${(WIDTH + LEFT) / 2}" y="${HEIGHT - 16}" text-anchor="middle">cost, per cent of always asking the strong model</text>
<text x="20" y="${HEIGHT / 2}" text-anchor="middle" transform="rotate(-90 20 ${HEIGHT / 2})">quality, per cent of the strong model</text>
<line x1="${x(bestCheap.cost)}" y1="${y(bestCheap.quality)}" x2="${x(strong.cost)}" y2="${y(strong.quality)}" stroke="#7b8794" stroke-dasharray="6 5"/>
${alone.map((point) => dot(point, "#7b8794", 5)).join("\n")}
${dot(oracle, "#2f855a", 5)}
${dot(policy, "#c05621", 8)}
</svg>
`;
}

function label(x: number, y: number, text: string, toTheLeft: boolean): string {
  const at = toTheLeft ? `x="${(x - 11).toFixed(1)}" text-anchor="end"` : `x="${(x + 11).toFixed(1)}"`;
  return `<text ${at} y="${(y + 4).toFixed(1)}">${escaped(text)}</text>`;
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
