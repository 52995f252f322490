import { describeStore } from "@sluice/testkit/contracts";
import { memoryStore } from "./memory.js";

describeStore("memory", () => ({ connect: () => memoryStore() }), {
  skip: {
    persistence: "it lives in memory alone",
    sharing: "each memory store is its own place",
    processes: "each memory store is its own place",
  },
});
