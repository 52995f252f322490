import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fakeClock } from "@sluice/testkit";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import type { HostKeyPolicy } from "../../../schemas/host-key.js";
import type { Store } from "../../../spec/store.js";
import { memoryStore } from "../../../stores/memory.js";
import { fingerprintOf } from "./host-key.js";
import { HostKeys } from "./host-keys.js";
import { pinnedKey } from "./verdict.js";

const TARGET = { host: "Example.com", port: 22 };
const FIRST = blob("ssh-ed25519", "first");
const SECOND = blob("ssh-ed25519", "second");

function blob(type: string, rest: string): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(type.length);
  return Buffer.concat([length, Buffer.from(type + rest)]);
}

const folder = mkdtempSync(join(tmpdir(), "host-keys-"));
const file = join(folder, "known_hosts");
let store: Store;

beforeEach(async () => {
  store = memoryStore();
  await store.open();
  writeFileSync(file, "");
});
afterAll(() => rmSync(folder, { recursive: true }));

async function opened(options: { readonly file?: string | null } = {}): Promise<HostKeys> {
  const keys = new HostKeys({ store, clock: fakeClock(), file: options.file ?? null });
  await keys.open();
  return keys;
}

function trust(policy: HostKeyPolicy, pin?: string) {
  return { policy, pinned: pin === undefined ? null : pinnedKey(pin) };
}

describe("accept-new", () => {
  it("remembers the first key of a host and refuses another", async () => {
    const keys = await opened();
    await keys.check(TARGET, FIRST, trust("accept-new"));
    await keys.check({ host: "example.COM", port: 22 }, FIRST, trust("accept-new"));
    expect(keys.list()).toEqual([
      {
        id: "example.com:22",
        host: "example.com",
        port: 22,
        type: "ssh-ed25519",
        fingerprint: fingerprintOf({ blob: FIRST }),
        addedAt: "2026-01-01T00:00:00.000Z",
      },
    ]);
    await expect(keys.check(TARGET, SECOND, trust("accept-new"))).rejects.toMatchObject({ code: "host_key_changed" });
  });

  it("knows each port by itself, and IPv6 addresses in brackets", async () => {
    const keys = await opened();
    await keys.check(TARGET, FIRST, trust("accept-new"));
    await keys.check({ ...TARGET, port: 2222 }, SECOND, trust("accept-new"));
    await keys.check({ host: "2001:db8::1", port: 22 }, SECOND, trust("accept-new"));
    expect(keys.list().map(({ id }) => id)).toEqual(["[2001:db8::1]:22", "example.com:22", "example.com:2222"]);
  });

  it("takes a new key once the old one is removed", async () => {
    const keys = await opened();
    await keys.check(TARGET, FIRST, trust("accept-new"));
    await keys.remove("example.com:22");
    await keys.check(TARGET, SECOND, trust("accept-new"));
    expect(keys.list().map(({ fingerprint }) => fingerprint)).toEqual([fingerprintOf({ blob: SECOND })]);
    await expect(keys.remove("example.org:22")).rejects.toMatchObject({ code: "not_found" });
  });

  it("lets one of two first connections win, also between instances", async () => {
    const [one, other] = [await opened(), await opened()];
    const checks = [one.check(TARGET, FIRST, trust("accept-new")), other.check(TARGET, SECOND, trust("accept-new"))];
    const results = await Promise.allSettled(checks);
    expect(results.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    expect(results).toContainEqual(
      expect.objectContaining({ reason: expect.objectContaining({ code: "host_key_changed" }) }),
    );
  });

  it("refuses what is no key", async () => {
    const checking = (await opened()).check(TARGET, Buffer.from("x"), trust("accept-new"));
    await expect(checking).rejects.toMatchObject({ code: "host_key_refused" });
  });
});

describe("the known_hosts file", () => {
  const line = (key: Buffer, hosts = "example.com") => `${hosts} ssh-ed25519 ${key.toString("base64")}\n`;

  it("counts beside what is remembered, and is read anew each time", async () => {
    const keys = await opened({ file });
    await expect(keys.check(TARGET, FIRST, trust("strict"))).rejects.toMatchObject({ code: "host_key_refused" });
    writeFileSync(file, line(FIRST));
    await keys.check(TARGET, FIRST, trust("strict"));
    await expect(keys.check(TARGET, SECOND, trust("accept-new"))).rejects.toMatchObject({ code: "host_key_changed" });
    expect(keys.list()).toEqual([]);
  });

  it("is all that counts under known_hosts", async () => {
    const keys = await opened({ file });
    await keys.check(TARGET, FIRST, trust("accept-new"));
    await expect(keys.check(TARGET, FIRST, trust("known_hosts"))).rejects.toMatchObject({ code: "host_key_refused" });
    await keys.check(TARGET, FIRST, trust("strict"));
  });

  it("refuses every host while it cannot be read", async () => {
    const keys = await opened({ file: join(folder, "missing") });
    await expect(keys.check(TARGET, FIRST, trust("accept-new"))).rejects.toMatchObject({ code: "host_key_refused" });
  });

  it("revokes a key even where it is the one named", async () => {
    writeFileSync(file, `@revoked ${line(FIRST, "*")}`);
    const named = trust("accept-new", fingerprintOf({ blob: FIRST }));
    await expect((await opened({ file })).check(TARGET, FIRST, named)).rejects.toMatchObject({
      code: "host_key_refused",
    });
  });
});

describe("a named key", () => {
  it("is the only one that counts, and is not remembered", async () => {
    const keys = await opened();
    await keys.check(TARGET, SECOND, trust("accept-new"));
    await keys.check(TARGET, FIRST, trust("strict", fingerprintOf({ blob: FIRST })));
    const other = trust("off", fingerprintOf({ blob: FIRST }));
    await expect(keys.check(TARGET, SECOND, other)).rejects.toMatchObject({ code: "host_key_changed" });
    expect(keys.list().map(({ fingerprint }) => fingerprint)).toEqual([fingerprintOf({ blob: SECOND })]);
  });
});

describe("the types to ask for", () => {
  it("are those of the keys that are known", async () => {
    const keys = await opened();
    expect(await keys.knownTypes(TARGET, trust("accept-new"))).toEqual([]);
    await keys.check(TARGET, FIRST, trust("accept-new"));
    expect(await keys.knownTypes(TARGET, trust("accept-new"))).toEqual(["ssh-ed25519"]);
    const pinned = trust("accept-new", `ecdsa-sha2-nistp256 ${blob("ecdsa-sha2-nistp256", "x").toString("base64")}`);
    expect(await keys.knownTypes(TARGET, pinned)).toEqual(["ecdsa-sha2-nistp256"]);
  });
});
