import type { GatewayConfig } from "../schemas/options.js";

/** Headers whose values are secrets. */
const SECRET_HEADER = /auth|key|token|secret|cookie/i;

/** Every secret that stands in a configuration. */
export function configuredSecrets({ providers, auth, secrets, terminal, redis }: GatewayConfig): readonly string[] {
  const upstream = Object.values(providers).flatMap(({ apiKey, headers = {} }) => [
    ...[apiKey].flat(),
    ...Object.entries(headers).flatMap(([name, value]) => (SECRET_HEADER.test(name) ? [value] : [])),
  ]);
  const own = [
    auth.jwtSecret,
    auth.adminPassword,
    ...auth.retiredJwtSecrets.map(({ secret }) => secret),
    secrets.masterKey,
    ...secrets.retiredMasterKeys,
    ...passwordsOf(redis),
  ];
  const remote = Object.values(terminal.presets).flatMap((preset) => [
    preset.password,
    ...("privateKey" in preset ? [preset.privateKey, preset.passphrase] : []),
  ]);
  return [...upstream, ...own, ...remote].filter((each) => typeof each === "string" && each !== "") as string[]; // so filtered
}

function passwordsOf(redis: GatewayConfig["redis"]): readonly (string | undefined)[] {
  if (redis === null) return [];
  if (typeof redis === "string") return [passwordIn(redis)];
  if ("cluster" in redis) return redis.cluster.map(passwordIn);
  return [redis.password, redis.sentinelPassword, ...redis.sentinels.map(passwordIn)];
}

function passwordIn(url: string): string {
  return decodeURIComponent(new URL(url).password);
}
