/**
 * Measures every target once in each round, a different one first each time, so that neither a drift of the machine nor
 * the order favours one. Resolves with each target's values, round by round.
 */
export async function inRounds(names, rounds, measure) {
  const values = new Map(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < names.length; turn++) {
      const name = names[(round + turn) % names.length];
      values.get(name).push(await measure(name, round));
    }
  }
  return values;
}
