import type { Gateway } from "@sluice/core";
import type { LoadedConfig } from "./config/load.js";
import { exposedTo } from "./exposed-secrets.js";
import type { FirstAdmin } from "./first-admin.js";
import { type FirstCall, firstCall } from "./first-call.js";
import { isPostgres } from "./store-of.js";

/** What a person sees after the start. */
export interface BannerInput {
  readonly url: string;
  readonly gateway: Gateway;
  readonly loaded: LoadedConfig;
  readonly dataDir: string | null;
  /** The first admin, if it was made at this start: nobody can look the password up later. */
  readonly firstAdmin: FirstAdmin | null;
}

/** The lines printed once the server listens. */
export async function banner({ url, gateway, loaded, dataDir, firstAdmin }: BannerInput): Promise<string> {
  const { config } = loaded;
  const providers = realProviders(gateway);
  const call = await firstCall(gateway, config, providers);
  const lines = [
    "",
    `  Sluice listens on ${url}  (${config.mode})`,
    `  Providers: ${providers.length > 0 ? providers.join(", ") : "none yet; the built-in simulator answers, which is not a language model"}`,
    `  Data: ${isPostgres(config.store) ? "Postgres, and what was read last in " : ""}${dataDir ?? "in memory, until the process ends"}`,
    "",
    ...(config.mode === "development" ? tryIt(url, call) : productionNote(url, config.auth.adminUsername)),
    ...(firstAdmin ? credentials(firstAdmin) : []),
    ...next(call),
    `  Docs: ${openable(url)}/docs`,
    "",
    ...warning(loaded),
  ];
  return `${lines.join("\n")}\n`;
}

function realProviders(gateway: Gateway): readonly string[] {
  return gateway.providers
    .statuses()
    .filter(({ simulated }) => !simulated)
    .map(({ name }) => name);
}

function tryIt(url: string, { model }: FirstCall): readonly string[] {
  const messages = [{ role: "user", content: "Hello!" }];
  const body = JSON.stringify(model === null ? { messages } : { model, messages });
  return ["  Try it:", `    curl ${url}/v1/chat/completions -H 'content-type: application/json' -d '${body}'`, ""];
}

function credentials({ username, password }: FirstAdmin): readonly string[] {
  return [
    `  Admin: ${username}, password ${password}`,
    "    made at this first start and shown this once; change it with POST /v1/auth/password",
    "",
  ];
}

function productionNote(url: string, username: string): readonly string[] {
  return [
    "  Every call needs an API key or the token of a login:",
    `    ${username} logs in with POST ${url}/v1/auth/login and makes keys with POST ${url}/v1/keys;`,
    "    on this machine, sluice keys create makes one too",
    "",
  ];
}

function next({ advice }: FirstCall): readonly string[] {
  return advice.map((line, index) => (index === 0 ? `  Next: ${line}` : `    ${line}`));
}

/** A browser cannot open the address that stands for every address. */
function openable(url: string): string {
  return url.replace(/^http:\/\/(?:0\.0\.0\.0|\[::\]):/, "http://localhost:");
}

function warning(loaded: LoadedConfig): readonly string[] {
  const who = exposedTo(loaded);
  if (who === null) return [];
  return [
    `  Warning: ${who} can read ${loaded.secretVariables.join(", ")}: programs in local terminals run as`,
    "    this server's user and can look into its environment. Set terminal.runAs, or read these from files (file:…) and",
    "    keep terminals to those who may read them.",
    "",
  ];
}
