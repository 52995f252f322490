import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Gateway } from "@sluice/core";
import { type TerminalConversation, type TerminalPolicy, terminalTools } from "@sluice/core/terminal/agents";
import { afterAll, afterEach, beforeAll, expect } from "vitest";

/** Conversations of models over local terminals. */
export interface Conversations {
  readonly gateway: Gateway;
  /** Where their shells start, unless the policy says otherwise. */
  readonly folder: string;
  /** Begins one, which ends with the test. */
  converse(policy?: TerminalPolicy): TerminalConversation;
}

/** A gateway for the tests of one file, which sees to it that no test leaves a terminal open. To be called at its top. */
export function useConversations(common: TerminalPolicy = {}): Conversations {
  let gateway: Gateway | undefined;
  let folder = "";
  let open: TerminalConversation[] = [];

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "agents-"));
    gateway = new Gateway({ terminal: { shells: ["/bin/bash"], env: { HOME: "/" } } });
  });
  afterEach(async () => {
    await Promise.all(open.map((conversation) => conversation.close()));
    open = [];
    expect(await gateway?.terminals.list()).toEqual([]);
  });
  afterAll(async () => {
    await gateway?.close();
    rmSync(folder, { recursive: true });
  });

  return {
    get gateway() {
      if (!gateway) throw new Error("the gateway is there once the tests run");
      return gateway;
    },
    get folder() {
      return folder;
    },
    converse(policy = {}) {
      const terminals = policy.terminals ?? { local: { type: "local", cwd: folder } };
      const conversation = terminalTools(this.gateway, { ...common, ...policy, terminals }).conversation();
      open.push(conversation);
      return conversation;
    },
  };
}
