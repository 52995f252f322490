/** What the gateway has to reach, and what it aims at. */
const BARS = [
  { metric: "requests", name: "chats per CPU-second", unit: "x bare", least: 0.65, aim: 0.8, of: ratioOf("gateway") },
  { metric: "chunks", name: "chunks per CPU-second", unit: "x bare", least: 0.65, aim: 0.8, of: ratioOf("gateway") },
  {
    metric: "laden",
    name: "chats with key, limits and logs",
    unit: "x bare",
    least: 0.7,
    aim: 0.8,
    of: ratioOf("guarded"),
  },
  { metric: "laden", name: "chats with a journal", unit: "x bare", least: 0.75, aim: 0.8, of: ratioOf("booked") },
  {
    metric: "memory",
    name: "memory per open stream",
    unit: " KB",
    most: 60,
    aim: 40,
    of: ({ gateway }) => gateway.rssKb,
  },
];

function ratioOf(target) {
  return (result) => result[target].ratio.median;
}

/** Holds results against the bars; metrics that were not measured have none. */
export function checkBars(results) {
  return BARS.filter(({ metric }) => results[metric]).map(({ metric, name, unit, least, most, aim, of }) => {
    const value = of(results[metric]);
    const met = most === undefined ? value >= least : value < most;
    const bar = most === undefined ? `at least ${least}${unit}` : `less than ${most}${unit}`;
    return { name, met, text: `${name}: ${Number(value.toFixed(2))}${unit} (${bar}; the aim is ${aim}${unit})` };
  });
}
