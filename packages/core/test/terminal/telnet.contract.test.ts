import { describeTerminalDriver } from "@sluice/testkit/contracts";
import { afterAll, beforeAll, describe } from "vitest";
import { telnetTerminals } from "../../src/terminal/telnet.js";
import { loopbackDialer } from "./remote-driver.js";
import { noTelnetServer, startTelnetServer, type TelnetServer } from "./telnet-server.js";
import { type TestUser, testUser } from "./test-user.js";

describe.skipIf(noTelnetServer !== null)(`a real telnetd${noTelnetServer ? ` (${noTelnetServer})` : ""}`, () => {
  let server: TelnetServer;
  let user: TestUser;

  beforeAll(async () => {
    user = testUser();
    server = await startTelnetServer(`/sbin/runuser -u ${user.name} -- /bin/bash --norc`);
  });
  afterAll(async () => {
    await server.stop();
    user.remove();
  });

  describeTerminalDriver(
    "telnet",
    () => ({
      driver: telnetTerminals({ dialer: loopbackDialer([server.port]) }),
      request: { type: "telnet", host: "127.0.0.1", port: server.port },
      logIn: (terminal) => terminal.until(/\$ $/),
      isGone: async () => user.processes().length === 0,
    }),
    {
      skip: {
        execute: "a connection has one stream and nothing beside it",
        exitStatus: "the protocol has no word for it",
        restart: "what the user typed to log in is not kept",
      },
    },
  );
});
