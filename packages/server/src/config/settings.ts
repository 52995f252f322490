/** A value, the key it is for, and where it comes from. */
export interface Setting {
  readonly path: readonly string[];
  readonly value: unknown;
  /** In words. */
  readonly origin: string;
}

/** Settings put together: what they say, and where each value comes from, by dotted path. */
export interface Assembled {
  readonly input: Readonly<Record<string, unknown>>;
  readonly origins: ReadonlyMap<string, string>;
}

/** Puts settings together; of two for one key the later counts. Objects are merged, lists stay whole. */
export function assemble(settings: readonly Setting[]): Assembled {
  const input: Record<string, unknown> = {};
  const origins = new Map<string, string>();
  for (const { path, value, origin } of settings.flatMap(leaves)) {
    put(input, path, value);
    const key = path.join(".");
    for (const other of origins.keys()) {
      if (other.startsWith(`${key}.`) || key.startsWith(`${other}.`)) origins.delete(other);
    }
    origins.set(key, origin);
  }
  return { input, origins };
}

function leaves({ path, value, origin }: Setting): readonly Setting[] {
  if (value === undefined) return [];
  if (!isObject(value)) return [{ path, value, origin }];
  const members = Object.entries(value);
  if (members.length === 0 && path.length > 0) return [{ path, value, origin }];
  return members.flatMap(([name, member]) => leaves({ path: [...path, name], value: member, origin }));
}

function put(target: Record<string, unknown>, path: readonly string[], value: unknown): void {
  let node = target;
  for (const name of path.slice(0, -1)) {
    const next = node[name];
    const child = isObject(next) ? { ...next } : {};
    node[name] = child;
    node = child;
  }
  const last = path.at(-1) ?? "";
  // An empty object says that its key is there, and takes nothing away from what stands in it already.
  if (isObject(value) && isObject(node[last])) return;
  node[last] = value;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
