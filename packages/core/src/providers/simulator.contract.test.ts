import { describeProvider, type UpstreamBehaviour } from "@sluice/testkit/contracts";
import { systemClock } from "../clock.js";
import type { Provider } from "../spec/provider.js";
import { simulator } from "./simulator.js";

const DIRECTIVES: Readonly<Record<UpstreamBehaviour, string>> = {
  answer: "",
  stream: "",
  refusal: "[[simulate: status=422]]",
  silence: "[[simulate: hang]]",
  stall: "[[simulate: hang-after=2]]",
  flood: "[[simulate: tokens=20000]]",
  break: "[[simulate: fail-after=2]]",
  "repeated-header": "",
};

/** Refuses like a machine where nothing listens, whatever the call. */
function unreachable(): Provider {
  const provider = simulator("simulator", {}, { clock: systemClock() });
  return {
    ...provider,
    send: (call, receiver) =>
      provider.send({ ...call, body: String(call.body).replace("Hi", "[[simulate: refuse]]") }, receiver),
  };
}

describeProvider(
  "simulator",
  () => ({
    provider: simulator("simulator", {}, { clock: systemClock() }),
    prepare(behaviour) {
      const stream = behaviour !== "answer" && behaviour !== "refusal";
      const content = `Hi ${DIRECTIVES[behaviour]}`;
      const body = JSON.stringify({ model: "m", stream, messages: [{ role: "user", content }] });
      // There is no upstream that could be left behind; what the receiver sees is all.
      const nothing = async () => {};
      return { call: { operation: "chat", model: "m", stream, body }, arrived: nothing, left: nothing };
    },
    unreachable,
  }),
  { skip: { repeatedHeaders: "it sends none" } },
);
