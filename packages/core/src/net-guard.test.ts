import { createServer, type Server } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { addressKind, connectTo, guardedLookup, systemResolve } from "./net-guard.js";

describe("addressKind", () => {
  it.each([
    ["127.0.0.1", "loopback"],
    ["127.255.255.254", "loopback"],
    ["::1", "loopback"],
    ["[::1]", "loopback"],
    ["::ffff:127.0.0.1", "loopback"],
    ["::ffff:7f00:1", "loopback"],
    ["64:ff9b::7f00:1", "loopback"],
    ["2002:7f00:1::", "loopback"],
    ["10.1.2.3", "private"],
    ["172.31.0.1", "private"],
    ["192.168.1.100", "private"],
    ["100.64.0.1", "private"],
    ["198.19.0.1", "private"],
    ["fd12::1", "private"],
    ["64:ff9b::192.168.1.1", "private"],
    ["0.0.0.0", "forbidden"],
    ["::", "forbidden"],
    ["169.254.169.254", "forbidden"],
    ["::ffff:169.254.169.254", "forbidden"],
    ["64:ff9b::a9fe:a9fe", "forbidden"],
    ["2002:a9fe:a9fe::1", "forbidden"],
    ["fe80::1", "forbidden"],
    ["fe80::1%eth0", "forbidden"],
    ["::1%lo", "forbidden"],
    ["224.0.0.1", "forbidden"],
    ["255.255.255.255", "forbidden"],
    ["ff02::1", "forbidden"],
    ["fd00:ec2::254", "forbidden"],
    ["100.100.100.200", "forbidden"],
    ["168.63.129.16", "forbidden"],
    ["8.8.8.8", "public"],
    ["172.32.0.1", "public"],
    ["2606:4700::1111", "public"],
    ["64:ff9b::808:808", "public"],
    ["2002:808:808::", "public"],
    ["localhost", null],
    ["127.1", null],
    ["", null],
  ])("of %j is %s", (host, kind) => {
    expect(addressKind(host)).toBe(kind);
  });
});

describe("systemResolve", () => {
  it.each(["127.1", "0x7f.1", "2130706433", "017700000001", "127.0.0.1"])("reads %s as loopback", async (host) => {
    expect((await systemResolve(host)).map(addressKind)).toEqual(["loopback"]);
  });
});

describe("connectTo", () => {
  const servers: Server[] = [];
  afterEach(() => servers.splice(0).forEach((server) => void server.close()));

  function listen(host: string): Promise<number> {
    const server = createServer((socket) => socket.on("error", () => {}).end(host)); // the client breaks off
    servers.push(server);
    return new Promise((resolve) => {
      server.listen(0, host, () => resolve((server.address() as { port: number }).port)); // a TCP server has a port
    });
  }

  const never = new AbortController().signal;

  it("connects to the address given", async () => {
    const port = await listen("127.0.0.2");
    const socket = await connectTo({ addresses: ["127.0.0.2"], port, signal: never });
    expect(socket.remoteAddress).toBe("127.0.0.2");
    socket.destroy();
  });

  it("goes on to the next address when one does not answer", async () => {
    const port = await listen("127.0.0.2");
    const socket = await connectTo({ addresses: ["127.0.0.3", "::1", "127.0.0.2"], port, signal: never });
    expect(socket.remoteAddress).toBe("127.0.0.2");
    socket.destroy();
  });

  it("says what the system says when none answers", async () => {
    const port = await listen("127.0.0.2");
    const connecting = connectTo({ addresses: ["127.0.0.3"], port, signal: never });
    await expect(connecting).rejects.toMatchObject({ code: "ECONNREFUSED" });
  });

  it("gives up when told to", async () => {
    const reason = new Error("enough");
    const giveUp = new AbortController();
    const connecting = connectTo({ addresses: ["192.0.2.1"], port: 9, signal: giveUp.signal });
    giveUp.abort(reason);
    await expect(connecting).rejects.toBe(reason);
    await expect(connectTo({ addresses: ["127.0.0.1"], port: 9, signal: giveUp.signal })).rejects.toBe(reason);
  });
});

describe("guardedLookup", () => {
  const lookUp = (host: string, all: boolean) =>
    new Promise((resolve, reject) => {
      guardedLookup(host, { all }, (error, ...found) => (error ? reject(error) : resolve(found)));
    });

  it.each(["169.254.169.254", "0.0.0.0", "0", "::ffff:169.254.169.254", "fe80::1", "224.0.0.1"])(
    "leads nobody to %s",
    async (host) => {
      for (const all of [true, false]) await expect(lookUp(host, all)).rejects.toThrow("may not be connected to");
    },
  );

  it("answers as `connect` asks", async () => {
    expect(await lookUp("127.0.0.1", true)).toEqual([[{ address: "127.0.0.1", family: 4 }]]);
    expect(await lookUp("127.0.0.1", false)).toEqual(["127.0.0.1", 4]);
    await expect(lookUp("nowhere.invalid", true)).rejects.toMatchObject({ code: expect.stringMatching(/^E/) });
  });
});
