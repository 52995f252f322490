import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { OutputLog } from "./output-log.js";

const KIB = 1024;

function logOf(...texts: readonly string[]): OutputLog {
  const log = new OutputLog(64 * KIB);
  for (const text of texts) log.append(Buffer.from(text));
  return log;
}

describe("an output log", () => {
  it("gives every reader the same from the same cursor", () => {
    const log = logOf("one\n", "two\n");
    expect(log.read(0, KIB)).toEqual({ bytes: Buffer.from("one\ntwo\n"), cursor: 8, dropped: 0 });
    expect(log.read(4, KIB).bytes.toString()).toBe("two\n");
    expect(log.read(8, KIB).bytes).toHaveLength(0);
  });

  it("counts what is no longer kept, and goes on with the oldest there is", () => {
    const log = new OutputLog(64 * KIB);
    for (let index = 0; index < 200; index++) log.append(Buffer.alloc(KIB, 97 + (index % 26)));
    const piece = log.read(0, KIB);
    expect(piece.dropped).toBe(log.start);
    expect(log.dropped).toBe(log.start);
    expect(log.end).toBe(200 * KIB);
    expect(log.end - log.start).toBeGreaterThanOrEqual(64 * KIB);
    expect(log.end - log.start).toBeLessThan(84 * KIB);
  });

  it("holds half a character back until the rest comes, or nothing more does", () => {
    const log = new OutputLog(KIB);
    const euro = Buffer.from("€");
    log.append(euro.subarray(0, 2));
    expect(log.end).toBe(0);
    log.append(euro.subarray(2));
    expect(log.read(0, KIB).bytes.toString()).toBe("€");
    log.append(euro.subarray(0, 1));
    log.close();
    expect([log.end, log.closed]).toEqual([4, true]);
  });

  it("passes bytes that are no text on", () => {
    const log = new OutputLog(KIB);
    const bytes = Buffer.from([0xff, 0x80, 0x80, 0x80, 0x80, 0x00, 0xc0, 0x41]);
    log.append(bytes);
    expect(log.read(0, KIB).bytes).toEqual(bytes);
  });

  it("never cuts a character, however it comes and however it is read", () => {
    const pieces = fc.array(
      fc.uint8Array({ maxLength: 0 }).chain(() => fc.integer({ min: 1, max: 9 })),
      { minLength: 1 },
    );
    fc.assert(
      fc.property(
        fc.string({ unit: "grapheme", maxLength: 300 }),
        pieces,
        fc.integer({ min: 4, max: 50 }),
        (text, cuts, max) => {
          const log = new OutputLog(64 * KIB);
          const bytes = Buffer.from(text);
          for (let at = 0, index = 0; at < bytes.length; index++) {
            const length = cuts[index % cuts.length] ?? 1;
            log.append(bytes.subarray(at, at + length));
            at += length;
          }
          log.close();
          let [read, cursor] = ["", 0];
          while (cursor < log.end) {
            const piece = log.read(cursor, max);
            expect(piece.cursor).toBeGreaterThan(cursor);
            read += piece.bytes.toString();
            cursor = piece.cursor;
          }
          expect(read).toBe(bytes.toString());
        },
      ),
    );
  });

  it("starts at a whole character after dropping", () => {
    const log = new OutputLog(32 * KIB);
    log.append(Buffer.from("a"));
    for (let index = 0; index < 100; index++) log.append(Buffer.from("€".repeat(1_000)));
    expect(log.read(0, 1_000).bytes.toString()).toMatch(/^€+$/);
  });

  it("tells who watches, until he stops", () => {
    const log = logOf();
    let told = 0;
    const stop = log.watch(() => told++);
    log.append(Buffer.from("a"));
    stop();
    log.append(Buffer.from("b"));
    expect(told).toBe(1);
  });
});
