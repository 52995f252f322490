import { describeTerminalDriver } from "@sluice/testkit/contracts";
import { afterAll, beforeAll, describe } from "vitest";
import { sshDriver } from "./remote-driver.js";
import { type KeyPair, makeKey, noSshServer, type SshServer, startSshServer } from "./ssh-server.js";
import { type TestUser, testUser } from "./test-user.js";

describe.skipIf(noSshServer !== null)(`a real OpenSSH server${noSshServer ? ` (${noSshServer})` : ""}`, () => {
  let server: SshServer;
  let user: TestUser;
  let key: KeyPair;

  beforeAll(async () => {
    user = testUser();
    key = makeKey();
    server = await startSshServer({ authorized: [key] });
  });
  afterAll(async () => {
    await server.stop();
    user.remove();
  });

  describeTerminalDriver("ssh", async () => ({
    driver: await sshDriver({ ports: [server.port] }),
    request: {
      type: "ssh",
      host: "127.0.0.1",
      port: server.port,
      username: user.name,
      privateKey: key.privateKey,
    },
    logIn: (terminal) => terminal.until(/\$ $/), // what is typed before the shell runs may be taken for something else
    isGone: async () => user.processes().length === 0,
  }));
});
