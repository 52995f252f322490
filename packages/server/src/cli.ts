#!/usr/bin/env node
import { parseArgs } from "node:util";
import { isGatewayError, VERSION } from "@sluice/core";
import { configCheck } from "./commands/config-check.js";
import { createKey, listKeys, revokeKey } from "./commands/keys.js";
import { mcp } from "./commands/mcp.js";
import { listModels, resetModels } from "./commands/models.js";
import { updatePrices } from "./commands/prices.js";
import { listProviders, resetProviders } from "./commands/providers.js";
import { replay } from "./commands/replay.js";
import { resealSecrets } from "./commands/secrets.js";
import { start } from "./commands/start.js";
import { ConfigError } from "./config/config-error.js";
import { StartRefused } from "./start.js";

const HELP = `sluice ${VERSION}

Usage:
  sluice [start]               start the server
  sluice mcp                   serve MCP on standard input and output: the models, and what mcp.terminals names
  sluice config check [FILE]   validate a configuration; show every value and where it comes from
  sluice models [list]         show the catalogue as the data directory has it
  sluice models reset          forget every change made to it over HTTP
  sluice keys create           make an API key and print it, this once
  sluice keys [list]           show the API keys
  sluice keys revoke ID        end an API key
  sluice providers [list]      show the providers, never their secrets
  sluice providers reset       forget every change made to them at run time
  sluice secrets reseal        bring every kept secret under the current master key
  sluice prices update         keep the prices of a file, given with --from FILE
  sluice replay FILE...        what a routing policy would have cost and achieved on recorded answers

Options:
  --config FILE    configuration file             (default: ./sluice.config.json, if there is one)
  --host HOST      address to listen on           (default: 127.0.0.1 and ::1)
  --port PORT      port to listen on              (default: 3000)
  --data-dir DIR   where the server keeps files   (default: ./.sluice)
  --help, --version

Options of keys create (lists with commas):
  --name NAME, --role ROLE, --scopes A,B, --models A,B, --layers L0,L1, --expires TIME

Options of replay:
  --mode MODE      economy, balanced, quality or free-first             (default: balanced)
  --models A,B,C   the models that take part; their layers are those of the prices, or as in A,B@L3
  --prices FILE    layers and prices of the models                      (default: prices.json beside the first file)
  --free-l0        models of L0 cost nothing
  --source-labels  judge answers as whoever recorded them did
  --limit N        only the first N questions
  --plot FILE      write quality against cost as FILE.svg and FILE.png
  --train FILE     learn a score from these outcomes instead, and measure it on FILE; with --models WEAK,STRONG
`;

/** Exit statuses of sysexits.h: wrong usage, wrong configuration. */
const EXIT_USAGE = 64;
const EXIT_CONFIG = 78;

class UsageError extends Error {}

async function main(words: readonly string[]): Promise<number | undefined> {
  const { values, positionals } = parse(words);
  if (values.help) return print(HELP);
  if (values.version) return print(`${VERSION}\n`);
  const command = positionals.join(" ");
  if (command === "" || command === "start") await start(values);
  else if (command === "mcp") await mcp(values);
  else if (command === "models" || command === "models list") await listModels(values);
  else if (command === "models reset") await resetModels(values);
  else if (command === "keys" || command === "keys list") await listKeys(values);
  else if (command === "keys create") await createKey(values);
  else if (positionals.length === 3 && command.startsWith("keys revoke "))
    await revokeKey(positionals[2] ?? "", values);
  else if (command === "providers" || command === "providers list") await listProviders(values);
  else if (command === "providers reset") await resetProviders(values);
  else if (command === "secrets reseal") await resealSecrets(values);
  else if (command === "prices update") updatePrices(values);
  else if (positionals[0] === "replay") await replay(positionals.slice(1), values);
  else if (positionals[0] === "config" && positionals[1] === "check" && positionals.length <= 3) {
    return configCheck({ ...values, config: positionals[2] ?? values.config });
  } else throw new UsageError(`there is no command "${command}"`);
  return undefined;
}

function parse(words: readonly string[]) {
  const text = { type: "string" } as const;
  const flag = { type: "boolean" } as const;
  try {
    return parseArgs({
      args: [...words],
      allowPositionals: true,
      options: {
        config: text,
        host: text,
        port: text,
        "data-dir": text,
        name: text,
        role: text,
        scopes: text,
        layers: text,
        expires: text,
        mode: text,
        models: text,
        prices: text,
        from: text,
        "free-l0": flag,
        "source-labels": flag,
        limit: text,
        plot: text,
        train: text,
        help: { ...flag, short: "h" },
        version: { ...flag, short: "v" },
      },
    });
  } catch (error) {
    // Node's advice on how to pass a dash goes past what was meant.
    throw new UsageError((error as Error).message.split(/\n|\. /)[0]);
  }
}

function print(text: string): number {
  process.stdout.write(text);
  return 0;
}

function exitStatus(error: unknown): number {
  if (error instanceof ConfigError || error instanceof StartRefused) {
    process.stderr.write(`sluice: ${error.message}\n`);
    return EXIT_CONFIG;
  }
  if (error instanceof UsageError) {
    process.stderr.write(`sluice: ${error.message}; see sluice --help\n`);
    return EXIT_USAGE;
  }
  if (isGatewayError(error)) {
    process.stderr.write(`sluice: ${error.message}\n`);
    return 1;
  }
  process.stderr.write(`sluice: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  return 1;
}

// Whoever reads a line and leaves, as `head` does, must not take the server down.
process.stdout.on("error", () => {});
process.stderr.on("error", () => {});

main(process.argv.slice(2)).then(
  (status) => {
    if (status !== undefined) process.exitCode = status;
  },
  (error: unknown) => process.exit(exitStatus(error)),
);
