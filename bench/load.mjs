/** The load generator: runs one kind of load at a time, by command, and answers with what it measured. */

import { HeldStreams, leaveStreams } from "./load/held-streams.mjs";
import { latency } from "./load/latency.mjs";
import { lockStep } from "./load/lock-step.mjs";
import { saturate } from "./load/saturate.mjs";
import { streamDelays } from "./load/stream-delays.mjs";
import { announce, answerCommands } from "./process/commands.mjs";

const held = new HeldStreams();

answerCommands({
  saturate,
  lockStep,
  latency,
  streamDelays,
  leaveStreams,
  holdStreams: (input) => held.open(input),
  dropStreams: () => held.drop(),
});
announce({});
