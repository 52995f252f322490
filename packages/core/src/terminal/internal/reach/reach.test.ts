import { Gateway } from "@sluice/core";
import { describe, expect, it } from "vitest";
import { GatewayConfig } from "../../../schemas/options.js";
import { Reach } from "./reach.js";

interface Question {
  readonly config?: { allowHosts?: string[]; denyHosts?: string[]; ports?: number[] };
  readonly host?: string;
  readonly port?: number;
  readonly found?: readonly string[];
  readonly trusted?: boolean;
}

function ask({ config = {}, host = "example.com", port = 22, found = [], trusted = false }: Question) {
  const { terminal } = GatewayConfig.parse({ terminal: config });
  return new Reach({ config: terminal, resolve: async () => found }).addresses({ host, port }, trusted);
}

const ADMIN = { trusted: true };
const PRIVATE = { found: ["192.168.1.100"] };
const LOOPBACK = { found: ["127.0.0.1"] };
const METADATA = { found: ["169.254.169.254"] };

describe("a host", () => {
  it.each<[string, Question]>([
    ["on a public address", { found: ["93.184.215.14", "2606:4700::1111"] }],
    ["on a private network, for an admin", { ...PRIVATE, ...ADMIN }],
    ["on a private network, by a rule for its address", { ...PRIVATE, config: { allowHosts: ["192.168.0.0/16"] } }],
    ["on a private network, by a rule for its name", { ...PRIVATE, config: { allowHosts: ["Example.com."] } }],
    ["on a private network, by a pattern", { ...PRIVATE, config: { allowHosts: ["*.com"] } }],
    ["on loopback, by a rule", { ...LOOPBACK, config: { allowHosts: ["127.0.0.1"] } }],
    ["on loopback in IPv6, by a rule", { found: ["::1"], config: { allowHosts: ["[::1]"] } }],
    ["on another port that is configured", { found: ["8.8.8.8"], port: 8022, config: { ports: [8022] } }],
  ])("%s may be reached", async (_what, question) => {
    expect(await ask(question)).toEqual(question.found);
  });

  it.each<[string, Question]>([
    ["on a private network", PRIVATE],
    ["on loopback", LOOPBACK],
    ["on loopback, for an admin", { ...LOOPBACK, ...ADMIN }],
    ["on loopback mapped into IPv6", { found: ["::ffff:7f00:1"], ...ADMIN }],
    ["with one bad address among good ones", { found: ["8.8.8.8", "127.0.0.1"], ...ADMIN }],
    ["that hands out a cloud's credentials", { ...METADATA, ...ADMIN }],
    ["that is never open, whatever is allowed", { ...METADATA, config: { allowHosts: ["example.com", "0.0.0.0/0"] } }],
    ["that is unspecified", { found: ["0.0.0.0"], ...ADMIN }],
    ["on multicast", { found: ["224.0.0.251"], ...ADMIN }],
    ["denied by name", { found: ["8.8.8.8"], config: { denyHosts: ["EXAMPLE.com"] } }],
    ["denied by address", { found: ["8.8.8.8"], config: { denyHosts: ["8.0.0.0/8"] } }],
    ["denied and allowed", { ...PRIVATE, config: { allowHosts: ["*"], denyHosts: ["192.168.1.0/24"] } }],
    ["on a port that is not configured", { found: ["8.8.8.8"], port: 25 }],
  ])("%s may not be reached", async (_what, question) => {
    await expect(ask(question)).rejects.toMatchObject({ code: "forbidden" });
  });

  it("that nobody knows is a failure of the remote side", async () => {
    await expect(ask({ found: [] })).rejects.toMatchObject({ code: "remote_failed", upstreamCode: "HOST_NOT_FOUND" });
  });

  it("is refused without a word about its address", async () => {
    await expect(ask(PRIVATE)).rejects.toMatchObject({ details: "example.com is not open to terminals" });
  });

  it("is looked up once, so that a second answer changes nothing", async () => {
    const answers = [["8.8.8.8"], ["127.0.0.1"]];
    const { terminal } = GatewayConfig.parse({});
    const reach = new Reach({ config: terminal, resolve: async () => answers.shift() ?? [] });
    expect(await reach.addresses({ host: "rebinding.example", port: 22 }, false)).toEqual(["8.8.8.8"]);
    expect(answers).toHaveLength(1);
  });
});

describe("a rule", () => {
  it.each(["10.0.0.0/33", "10.0.0.0/", "10.0.0.0/x", "name/8", "two words", ""])(
    "of %j is refused at the start",
    (entry) => {
      expect(() => new Gateway({ terminal: { denyHosts: [entry] } })).toThrow("terminal.denyHosts");
    },
  );
});
