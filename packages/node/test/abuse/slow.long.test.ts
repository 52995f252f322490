import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { expectRefusal, firstAnswer, request, type Target, target } from "./raw-socket.js";

let at: Target;
beforeAll(async () => {
  at = await target();
});
afterEach(() => at.expectAlive());
afterAll(() => at.close());

/** Sends a start, then a letter each second, and reads the answer. */
async function trickle(start: string, letter: string) {
  const socket = await at.open();
  socket.on("error", () => {});
  socket.write(start);
  const began = performance.now();
  const dripping = setInterval(() => socket.writable && socket.write(letter), 1_000);
  const answer = await firstAnswer(socket, 60_000);
  clearInterval(dripping);
  return { answer, seconds: (performance.now() - began) / 1_000 };
}

describe.concurrent("a caller who takes his time", () => {
  it("over the headers: 408 within 10 s and the sweep that follows", async () => {
    const { answer, seconds } = await trickle(`GET /livez HTTP/1.1\r\nHost: localhost:${at.port}\r\nX-A: `, "a");
    expectRefusal(answer, 408);
    expect(seconds).toBeGreaterThan(9);
    expect(seconds).toBeLessThan(16);
  });

  it("over the body: 408 within 30 s and the sweep that follows", async () => {
    const headers = { "content-type": "application/json", "content-length": "1000" };
    const { answer, seconds } = await trickle(request(at.port, "POST /v1/chat/completions", headers), " ");
    expectRefusal(answer, 408);
    expect(seconds).toBeGreaterThan(29);
    expect(seconds).toBeLessThan(40);
  });
});
