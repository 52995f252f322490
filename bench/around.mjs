/**
 * What is around a target: the load generator in front of it, and behind it the scripted upstream. Runs one kind of load at
 * a time, by command, and answers with what it measured. One process for both, so that it can stay awake as a whole: see
 * `load/cpu-window.mjs`.
 */

import { HeldStreams, leaveStreams } from "./load/held-streams.mjs";
import { latency } from "./load/latency.mjs";
import { lockStep } from "./load/lock-step.mjs";
import { saturate } from "./load/saturate.mjs";
import { streamDelays } from "./load/stream-delays.mjs";
import { announce, answerCommands } from "./process/commands.mjs";
import { startUpstream } from "./upstream/scripted-upstream.mjs";

const held = new HeldStreams();
const { facts, commands } = await startUpstream();

answerCommands({
  ...commands,
  saturate,
  lockStep,
  latency,
  streamDelays,
  leaveStreams,
  holdStreams: (input) => held.open(input),
  dropStreams: () => held.drop(),
});
announce(facts);
