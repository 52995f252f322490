import { type RedisLink, script } from "../../redis/redis-link.js";
import type { TerminalType } from "../../spec/http.js";

/** What all instances know of a terminal. */
export interface DirectoryEntry {
  readonly id: string;
  /** The instance that has it. */
  readonly instance: string;
  /** Whose it is. */
  readonly owner: string;
  readonly type: TerminalType;
  readonly createdAt: string;
}

/** An entry, and how its instance is. */
export interface Listed {
  readonly entry: DirectoryEntry;
  readonly isAlive: boolean;
}

const KEY = "sluice:terminals:";
/** An instance says so often that it is there, */
export const BEAT_MS = 2_000;
/** and is taken for dead when it has not for so long. */
export const DEAD_MS = 8_000;
/** What a dead instance had is shown as closed for so long. */
const SHOWN_MS = 3_600_000;

const NOW = `local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local function age(instance) return now - tonumber(redis.call('HGET', KEYS[1], 'i:' .. instance) or 0) end
`;
const BEAT = script(`${NOW}
redis.call('HSET', KEYS[1], 'i:' .. ARGV[1], now)
for n = 2, #ARGV, 2 do redis.call('HSET', KEYS[1], 's:' .. ARGV[n], ARGV[n + 1]) end
redis.call('PEXPIRE', KEYS[1], ${2 * SHOWN_MS})`);
const FIND = script(`${NOW}
local entry = redis.call('HGET', KEYS[1], 's:' .. ARGV[1])
if not entry then return {} end
return {entry, age(cjson.decode(entry).instance)}`);
const LIST = script(`${NOW}
local found = {}
local all = redis.call('HGETALL', KEYS[1])
for n = 1, #all, 2 do
  if string.sub(all[n], 1, 2) == 's:' then
    local old = age(cjson.decode(all[n + 1]).instance)
    if old > ${SHOWN_MS} then redis.call('HDEL', KEYS[1], all[n])
    else table.insert(found, all[n + 1]) table.insert(found, old) end
  end
end
return found`);
const AGE = script(`${NOW}
return age(ARGV[1])`);
const DROP = script("redis.call('HDEL', KEYS[1], unpack(ARGV))");

/** Which instance has which terminal, in Redis: one hash, in which each instance also says that it is there. */
export class TerminalDirectory {
  readonly #link: RedisLink;
  readonly #instance: string;
  readonly #key: string;

  /** @param name - of all who know of each other */
  constructor(link: RedisLink, instance: string, name: string) {
    this.#link = link;
    this.#instance = instance;
    this.#key = KEY + name;
  }

  /** Says that this instance is there, and has these. Rejects when Redis does not answer, as everything here does. */
  async beat(entries: readonly DirectoryEntry[]): Promise<void> {
    const pairs = entries.flatMap((entry) => [entry.id, JSON.stringify(entry)]);
    await this.#link.run(BEAT, this.#key, [this.#instance, ...pairs]);
  }

  async find(id: string): Promise<Listed | null> {
    const [found] = listed(await this.#link.run(FIND, this.#key, [id]));
    return found ?? null;
  }

  async list(): Promise<readonly Listed[]> {
    return listed(await this.#link.run(LIST, this.#key, []));
  }

  async isAlive(instance: string): Promise<boolean> {
    return Number(await this.#link.run(AGE, this.#key, [instance])) < DEAD_MS;
  }

  async drop(id: string): Promise<void> {
    await this.#link.run(DROP, this.#key, [`s:${id}`]);
  }

  /** This instance ends. */
  async leave(): Promise<void> {
    await this.#link.run(DROP, this.#key, [`i:${this.#instance}`]);
  }
}

function listed(found: unknown): readonly Listed[] {
  const words = found as readonly (string | number)[]; // as the scripts give them
  const all: Listed[] = [];
  for (let n = 0; n + 1 < words.length; n += 2) {
    all.push({ entry: JSON.parse(String(words[n])) as DirectoryEntry, isAlive: Number(words[n + 1]) < DEAD_MS });
  }
  return all;
}
