/** How long and how often each thing is measured. */

const COMMON = {
  connections: 64,
  streams: 64,
  chunksPerStream: 200,
  requestsPerSecond: 200,
  streamsPerSecond: 40,
  heldStreams: 2_000,
  leavings: 40,
};

/** About seven minutes. */
export const FULL = {
  ...COMMON,
  name: "full",
  generations: 5,
  rounds: 15,
  warmUpMs: 4_000,
  settleMs: 200,
  windowMs: 1_000,
  latencyRounds: 5,
  latencyMs: 3_000,
  memoryRounds: 3,
};

/** About a minute. Many short rounds stand a disturbed machine better than few long ones. */
export const QUICK = {
  ...COMMON,
  name: "quick",
  generations: 3,
  rounds: 9,
  warmUpMs: 2_500,
  settleMs: 100,
  windowMs: 300,
  latencyRounds: 3,
  latencyMs: 1_000,
  memoryRounds: 1,
};
