/** The stacks of a CPU profile, innermost frame first, each with the microseconds spent there. */
export function cpuStacks({ nodes, samples, timeDeltas }) {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const parents = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id])));
  const spent = new Map();
  for (let index = 0; index < samples.length; index++) {
    spent.set(samples[index], (spent.get(samples[index]) ?? 0) + timeDeltas[index]);
  }
  const stackOf = (id) => (id === undefined ? [] : [byId.get(id).callFrame, ...stackOf(parents.get(id))]);
  return [...spent].map(([id, amount]) => ({ stack: stackOf(id), amount }));
}

/** The stacks of a profile of allocations, each with the bytes allocated there. */
export function allocationStacks({ head }) {
  const stacks = [];
  const walk = ({ callFrame, selfSize, children }, callers) => {
    const stack = [callFrame, ...callers];
    if (selfSize > 0) stacks.push({ stack, amount: selfSize });
    for (const child of children) walk(child, stack);
  };
  walk(head, []);
  return stacks;
}
