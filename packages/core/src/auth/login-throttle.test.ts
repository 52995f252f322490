import { fakeClock } from "@sluice/testkit";
import { describe, expect, it } from "vitest";
import { LoginThrottle } from "./login-throttle.js";

const MINUTE = 60_000;

function throttle() {
  const clock = fakeClock();
  return { clock, throttle: new LoginThrottle(clock) };
}

describe("LoginThrottle", () => {
  it("gives an address ten failures a quarter of an hour, whatever the names", () => {
    const { clock, throttle: logins } = throttle();
    for (let round = 0; round < 10; round++) {
      logins.begin(`user${round}`, "203.0.113.7");
      clock.advance(MINUTE);
    }
    expect(() => logins.begin("anybody", "203.0.113.7")).toThrow(
      expect.objectContaining({ code: "rate_limit_exceeded", retryAfterMs: 5 * MINUTE }),
    );
    expect(logins.begin("user0", "203.0.113.8").delayMs).toBe(0);
    clock.advance(5 * MINUTE);
    expect(logins.begin("anybody", "203.0.113.7").delayMs).toBe(0);
  });

  it("counts attempts that still run, so that many at once are not more", () => {
    const { throttle: logins } = throttle();
    const attempts = Array.from({ length: 10 }, () => logins.begin("kim", "203.0.113.7"));
    expect(() => logins.begin("kim", "203.0.113.7")).toThrow("too many failed logins");
    attempts[0]?.withdraw();
    expect(() => logins.begin("kim", "203.0.113.7")).not.toThrow();
  });

  it("lets a name wait twice as long after each failure from one place, and no longer than five seconds", () => {
    const { throttle: logins } = throttle();
    const delays = Array.from({ length: 10 }, () => logins.begin("kim", "203.0.113.7").delayMs);
    expect(delays).toEqual([0, 0, 0, 100, 200, 400, 800, 1_600, 3_200, 5_000]);
  });

  it("locks nobody out: from elsewhere the same name waits a little at most", () => {
    const { throttle: logins } = throttle();
    for (let round = 0; round < 300; round++) logins.begin("kim", `203.0.113.${round % 250}/${round}`);
    expect(logins.begin("kim", "198.51.100.1").delayMs).toBe(3_200);
    expect(logins.begin("kim", "198.51.100.1").delayMs).toBeLessThanOrEqual(5_000);
    expect(logins.begin("someone-else", "198.51.100.1").delayMs).toBe(0);
  });

  it("forgives what failed before once the password is right, but not the address", () => {
    const { throttle: logins } = throttle();
    for (let round = 0; round < 5; round++) logins.begin("kim", "203.0.113.7");
    const attempt = logins.begin("Kim", "203.0.113.7");
    expect(attempt.delayMs).toBe(400);
    attempt.succeeded();
    attempt.withdraw();
    expect(logins.begin("kim", "203.0.113.7").delayMs).toBe(0);
    for (let round = 0; round < 4; round++) logins.begin("other", "203.0.113.7");
    expect(() => logins.begin("kim", "203.0.113.7")).toThrow("too many failed logins");
  });
});
