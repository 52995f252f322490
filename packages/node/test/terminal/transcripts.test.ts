import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { terminals } from "./place.js";

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "transcripts-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

type Event = [seconds: number, code: string, data: string];

describe("a transcript", () => {
  it("is asciicast v2: everything the screen showed, in time, its sizes, and nothing that acts on who plays it", async () => {
    const transcripts = join(folder, "made", "on-demand");
    const { gateway } = await terminals({ terminal: { transcripts } });
    const session = await gateway.terminals.open({ type: "local", cols: 100, rows: 30 });
    await session.send("echo first-$((1 + 1)) ä€😀\n");
    const shown = async () => Buffer.from((await session.read({ cursor: 0 })).data).toString();
    await expect.poll(shown, { timeout: 15_000 }).toContain("first-2 ä€😀");
    session.resize({ cols: 120, rows: 40 });
    await session.send("printf 'a\\033]52;c;aGVsbG8=\\007b\\n'; stty size\n");
    await expect.poll(shown, { timeout: 15_000 }).toContain("40 120");
    const all = await shown();
    await session.close();

    expect(readdirSync(transcripts)).toEqual([`${session.id}.cast`]);
    const file = join(transcripts, `${session.id}.cast`);
    expect([statSync(file).mode & 0o777, statSync(transcripts).mode & 0o777]).toEqual([0o600, 0o700]);
    const [header, ...events] = readFileSync(file, "utf8")
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line)) as [object, ...Event[]];
    expect(header).toEqual({ version: 2, width: 100, height: 30, timestamp: expect.any(Number) });
    const times = events.map(([seconds]) => seconds);
    expect(times).toEqual([...times].sort((one, other) => one - other));
    expect(events.filter(([, code]) => code === "r").map(([, , data]) => data)).toEqual(["120x40"]);
    const output = events.filter(([, code]) => code === "o").map(([, , data]) => data);
    // What closing it makes the shell print comes after all that was read.
    const expected = all.replace("\x1b]52;c;aGVsbG8=\x07", "");
    expect(output.join("").slice(0, expected.length)).toBe(expected);
    expect(output.join("")).not.toContain("\x1b]52;");
  });

  it("is not made unless it is asked for", async () => {
    const { gateway } = await terminals();
    const session = await gateway.terminals.open({ type: "local" });
    await session.send("echo hi\n");
    await session.close();
    expect(readdirSync(folder)).toEqual(["made"]);
  });

  it("that cannot be written costs no terminal", async () => {
    const { gateway } = await terminals({ terminal: { transcripts: "/dev/null/no" } });
    const session = await gateway.terminals.open({ type: "local" });
    expect(await session.execute("echo hi")).toMatchObject({ stdout: "hi\n" });
    await session.close();
  });
});
