import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { recordingReceiver } from "../recording-receiver.js";
import type { ProviderContractOptions, ProviderPlace } from "./provider-place.js";
import { endsOnce, heldAt, rest, send, unless, until } from "./provider-steps.js";

/** Socket buffers on both sides, seen generously. */
const MAX_BUFFERED_BYTES = 24 * 1024 ** 2;
/**
 * The behaviour every provider shares. Call it in a test file of your own.
 * @example
 * describeProvider("vendor", httpProviderPlace((origin) => vendor("vendor", { baseUrl: `${origin}/v1` }, { clock })));
 */
export function describeProvider(
  name: string,
  factory: () => ProviderPlace | Promise<ProviderPlace>,
  { skip = {} }: ProviderContractOptions = {},
): void {
  describe(`${name} provider`, () => {
    let place: ProviderPlace;

    beforeEach(async () => {
      place = await factory();
    });

    afterEach(async () => {
      await place.provider.close?.();
      await place.close?.();
    });

    describeAnswers(() => place, skip);
    describeAborts(() => place);
    describeFlow(() => place);
    describeFailures(() => place);
  });
}

function describeAnswers(place: () => ProviderPlace, skip: NonNullable<ProviderContractOptions["skip"]>): void {
  it("hands on a whole answer in order", async () => {
    const receiver = send(place(), "answer");
    expect(await receiver.ended).toBe("end");
    expect(receiver.log).toEqual(["start", "headers", "data", "end"]);
    expect(receiver.status).toBe(200);
    expect(receiver.headers["content-type"]).toMatch(/^application\/json/);
    expect(() => JSON.parse(receiver.text)).not.toThrow();
  });

  it("hands on a stream in order", async () => {
    const receiver = send(place(), "stream");
    expect(await receiver.ended).toBe("end");
    expect(receiver.log).toEqual(["start", "headers", "data", "end"]);
    expect(receiver.headers["content-type"]).toMatch(/^text\/event-stream/);
    expect(receiver.text.match(/\n\n/g)?.length).toBeGreaterThanOrEqual(3);
  });

  it("hands on an error status as an answer", async () => {
    const receiver = send(place(), "refusal");
    expect(await receiver.ended).toBe("end");
    expect(receiver.log).toEqual(["start", "headers", "data", "end"]);
    expect(receiver.status).toBeGreaterThanOrEqual(400);
    expect(receiver.status).toBeLessThan(500);
  });

  it("keeps calls at the same time apart", async () => {
    const receivers = [send(place(), "stream"), send(place(), "stream"), send(place(), "stream")];
    expect(await Promise.all(receivers.map(({ ended }) => ended))).toEqual(["end", "end", "end"]);
    expect(receivers[1]?.text).toBe(receivers[0]?.text);
    expect(receivers[2]?.text).toBe(receivers[0]?.text);
  });

  unless(skip.repeatedHeaders)("hands on a repeated header as a list", async () => {
    const receiver = send(place(), "repeated-header");
    await receiver.ended;
    expect(receiver.headers["set-cookie"]).toEqual(["a=1", "b=2"]);
  });
}

function describeAborts(place: () => ProviderPlace): void {
  const reason = new Error("no longer wanted");

  it("sends nothing to a receiver that aborts in onStart", async () => {
    const prepared = place().prepare("stream");
    const receiver = recordingReceiver({ onStart: (exchange) => exchange.abort(reason) });
    place().provider.send(prepared.call, receiver);
    await endsOnce(receiver, "error");
    expect(receiver.log).toEqual(["start", "error"]);
    await prepared.left();
  });

  it("leaves the upstream when aborted before the headers", async () => {
    const prepared = place().prepare("silence");
    const receiver = recordingReceiver();
    place().provider.send(prepared.call, receiver);
    const [exchange] = await Promise.all([receiver.started, prepared.arrived()]);
    exchange.abort(reason);
    await prepared.left();
    await endsOnce(receiver, "error");
    expect(receiver.log).toEqual(["start", "error"]);
  });

  it("leaves the upstream when aborted in the middle of a stream", async () => {
    const prepared = place().prepare("stall");
    const receiver = recordingReceiver();
    place().provider.send(prepared.call, receiver);
    const exchange = await receiver.started;
    await receiver.flowing;
    const { receivedBytes } = receiver;
    exchange.abort(reason);
    await prepared.left();
    await endsOnce(receiver, "error");
    expect(receiver.receivedBytes).toBe(receivedBytes);
  });

  it("sends nothing more to a receiver that aborts in onData", async () => {
    const prepared = place().prepare("flood");
    const receiver = recordingReceiver({ onData: (exchange) => exchange.abort(reason) });
    place().provider.send(prepared.call, receiver);
    await endsOnce(receiver, "error");
    expect(receiver.chunks).toHaveLength(1);
    await prepared.left();
  });

  it("takes a second abort, and one after the end, for nothing", async () => {
    const late = send(place(), "answer");
    await late.ended;
    (await late.started).abort(reason);
    const twice = send(place(), "stall");
    await twice.flowing;
    const exchange = await twice.started;
    exchange.abort(reason);
    exchange.abort(reason);
    await endsOnce(twice, "error");
    await endsOnce(late, "end");
  });
}

function describeFlow(place: () => ProviderPlace): void {
  it("holds little in memory for a receiver that pauses", async () => {
    const prepared = place().prepare("flood");
    const receiver = recordingReceiver({ onData: (exchange) => exchange.pause() });
    place().provider.send(prepared.call, receiver);
    await receiver.flowing;
    const sent = await heldAt(() => prepared.sentBytes?.() ?? receiver.receivedBytes);
    expect(sent).toBeLessThan(MAX_BUFFERED_BYTES);
    const before = receiver.receivedBytes;
    const exchange = await receiver.started;
    exchange.resume();
    await until(() => receiver.receivedBytes > before);
    exchange.abort(new Error("enough"));
    await prepared.left();
    await endsOnce(receiver, "error");
  });

  it("loses nothing to a receiver that pauses at every read", async () => {
    const flowing = send(place(), "stream");
    const prepared = place().prepare("stream");
    const halting = recordingReceiver({
      onHeaders: rest,
      onData: rest,
    });
    place().provider.send(prepared.call, halting);
    expect(await Promise.all([flowing.ended, halting.ended])).toEqual(["end", "end"]);
    expect(halting.text).toBe(flowing.text);
  });
}

function describeFailures(place: () => ProviderPlace): void {
  it("reports a refused connection", async () => {
    const provider = await place().unreachable();
    const receiver = recordingReceiver();
    const { call } = place().prepare("answer");
    expect(() => provider.send(call, receiver)).not.toThrow();
    await endsOnce(receiver, "error");
    expect(receiver.log.filter((entry) => entry !== "start")).toEqual(["error"]);
    expect(receiver.cause).toBeInstanceOf(Error);
    await provider.close?.();
  });

  it("reports a stream that breaks off", async () => {
    const receiver = send(place(), "break");
    await endsOnce(receiver, "error");
    expect(receiver.log).toEqual(["start", "headers", "data", "error"]);
    expect(receiver.cause).toBeInstanceOf(Error);
  });

  it("ends running calls when it is closed, and takes no more", async () => {
    const { provider } = place();
    const running = send(place(), "stall");
    await running.flowing;
    await provider.close?.();
    await endsOnce(running, "error");
    const late = send(place(), "answer");
    await endsOnce(late, "error");
    expect(late.log.filter((entry) => entry !== "start")).toEqual(["error"]);
    await provider.close?.();
  });
}
