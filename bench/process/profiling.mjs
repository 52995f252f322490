import { Session } from "node:inspector/promises";

const SAMPLE_EVERY_MICROSECONDS = 200;
const SAMPLE_EVERY_BYTES = 8_192;

const session = new Session();

/** The profiles a target can take of itself. */
const PROFILERS = {
  cpu: {
    async start() {
      await session.post("Profiler.enable");
      await session.post("Profiler.setSamplingInterval", { interval: SAMPLE_EVERY_MICROSECONDS });
      await session.post("Profiler.start");
    },
    stop: () => session.post("Profiler.stop"),
  },
  allocations: {
    start: () =>
      session.post("HeapProfiler.startSampling", {
        samplingInterval: SAMPLE_EVERY_BYTES,
        includeObjectsCollectedByMajorGC: true,
        includeObjectsCollectedByMinorGC: true,
      }),
    stop: () => session.post("HeapProfiler.stopSampling"),
  },
};

/** Starts a profile of a kind: `cpu` or `allocations`. */
export async function startProfile(kind) {
  session.connect();
  await PROFILERS[kind].start();
}

/** Ends it and gives it back in the form of Chrome's developer tools. */
export async function stopProfile(kind) {
  const { profile } = await PROFILERS[kind].stop();
  session.disconnect();
  return profile;
}
