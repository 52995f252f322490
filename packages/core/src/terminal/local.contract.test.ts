import { describeTerminalDriver } from "@sluice/testkit/contracts";
import { localTerminals } from "./local.js";

describeTerminalDriver("local", () => {
  const driver = localTerminals({ shells: ["/bin/bash"], env: { HOME: "/", PS1: "$ " } });
  return { driver, request: { type: "local", cwd: "/" }, remove: async () => driver.close?.() };
});
