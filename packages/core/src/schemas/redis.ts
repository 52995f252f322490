import { z } from "zod";

const RedisUrl = z
  .string()
  .max(2_000)
  .refine(isRedisUrl, "must be a URL such as redis://127.0.0.1:6379, or rediss:// for TLS");

/** How Redis is reached: one server, a cluster, or whichever server the sentinels name. */
export const RedisConfig = z.union([
  RedisUrl,
  z.strictObject({
    cluster: z.array(RedisUrl).min(1).max(100).describe("Some nodes of a cluster; they name the others."),
  }),
  z.strictObject({
    sentinels: z.array(RedisUrl).min(1).max(100).describe("Sentinels that know which server to use."),
    name: z.string().min(1).default("mymaster").describe("What the sentinels call the group of servers."),
    username: z.string().optional().describe("User of the servers."),
    password: z.string().optional().describe("Password of the servers."),
    sentinelPassword: z.string().optional().describe("Password of the sentinels."),
  }),
]);

/** How Redis is reached. */
export type RedisConfig = z.output<typeof RedisConfig>;

function isRedisUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, pathname } = new URL(text);
  return /^rediss?:$/.test(protocol) && /^(?:\/\d{0,4})?$/.test(pathname);
}
