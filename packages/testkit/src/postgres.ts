import { execFile, type SpawnOptions } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import pg from "pg";
import { freePort } from "./free-port.js";

/** Why tests that need Postgres are skipped, for their names. */
export const POSTGRES_MISSING = "needs Postgres: DATABASE_URL, one on 127.0.0.1:5432, or Debian's package postgresql";

/** A Postgres that tests may make databases in. */
export interface PostgresServer {
  /** Makes an empty database and returns its URL. */
  createDatabase(): Promise<string>;
  dropDatabase(url: string): Promise<void>;
  /** Makes an empty place within a database, which takes a tenth of the time, and returns its URL. */
  createSchema(url: string): Promise<string>;
  /** Runs a statement, in the server's own database or the one of a URL that `createDatabase` gave. */
  query(sql: string, parameters?: readonly unknown[], database?: string): Promise<pg.QueryResult>;
  /** Ends a server that was started for the tests; leaves any other alone. */
  close(): Promise<void>;
}

/** A Postgres of the test's own, which it may stop and freeze. */
export interface OwnPostgres extends PostgresServer {
  readonly port: number;
  start(): Promise<void>;
  /** Ends every connection at once, as a machine that goes down does. */
  stop(): Promise<void>;
  /** Stops every process in its tracks: connections stay, and nobody answers. */
  freeze(): void;
  thaw(): void;
}

/**
 * The server at `url`, else one of our own, which need not keep anything and so is many times as fast, else the one that
 * runs already; null where there is none.
 * @param url of a user who may create databases
 */
export async function postgresServer(url?: string): Promise<PostgresServer | null> {
  if (url && (await answers(url))) return serverAt(url);
  const own = await ownPostgres();
  if (own) return own;
  for (const user of ["postgres", "root"]) {
    const running = `postgres://${user}@127.0.0.1:5432/postgres`;
    if (await answers(running)) return serverAt(running);
  }
  return null;
}

async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 1_000 });
  try {
    await client.connect();
    const { rows } = await client.query(
      "select rolcreatedb or rolsuper as may from pg_roles where rolname = current_user",
    );
    return rows[0]?.may === true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => {});
  }
}

function serverAt(url: string): PostgresServer {
  async function query(
    sql: string,
    parameters: readonly unknown[] = [],
    database: string = url,
  ): Promise<pg.QueryResult> {
    const client = new pg.Client({ connectionString: database });
    await client.connect();
    try {
      return await client.query(sql, [...parameters]);
    } finally {
      await client.end();
    }
  }
  return {
    query,
    async createDatabase() {
      const name = `sluice_test_${randomBytes(6).toString("hex")}`;
      await query(`create database ${name}`);
      const made = new URL(url);
      made.pathname = `/${name}`;
      return made.href;
    },
    async createSchema(within) {
      const name = `place_${randomBytes(6).toString("hex")}`;
      await query(`create schema ${name}`, [], within);
      const made = new URL(within);
      made.searchParams.set("options", `-c search_path=${name}`);
      return made.href;
    },
    async dropDatabase(made) {
      await query(`drop database if exists ${new URL(made).pathname.slice(1)} with (force)`);
    },
    close: async () => {},
  };
}

/** What a server does for data that somebody will want again. */
const FORGETFUL = ["fsync=off", "synchronous_commit=off", "full_page_writes=off"];

/** Starts a cluster from Debian's binaries on a free port, in a directory of its own; null where they are missing. */
export async function ownPostgres(): Promise<OwnPostgres | null> {
  const binaries = debianBinaries();
  if (binaries === null) return null;
  const directory = mkdtempSync(join(tmpdir(), "sluice-postgres-"));
  const user = await unprivileged();
  if (user) chownSync(directory, user.uid, user.gid);
  const data = join(directory, "data");
  const run = (program: string, words: readonly string[]) =>
    promisify(execFile)(join(binaries, program), words, { ...user, cwd: directory, stdio: "ignore" } as SpawnOptions);

  // Nobody keeps this data, so nothing waits for the disk. No socket file, because its usual directory may be missing.
  await run("initdb", ["-D", data, "-U", "postgres", "-A", "trust", "-N", "--locale=C.UTF-8"]);
  const port = await freePort();
  const settings = ["listen_addresses=127.0.0.1", "unix_socket_directories=", ...FORGETFUL];
  const options = [`-p ${port}`, ...settings.map((setting) => `-c ${setting}`)].join(" ");
  const log = join(directory, "log");
  const start = async () => void (await run("pg_ctl", ["-D", data, "-l", log, "-o", options, "-w", "start"]));
  const stop = async () => void (await run("pg_ctl", ["-D", data, "-m", "immediate", "-w", "stop"]));
  await start();

  return {
    ...serverAt(`postgres://postgres@127.0.0.1:${port}/postgres`),
    port,
    start,
    stop,
    freeze: () => signalAll(data, "SIGSTOP"),
    thaw: () => signalAll(data, "SIGCONT"),
    async close() {
      signalAll(data, "SIGCONT");
      await stop().catch(() => {}); // it may be stopped already
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

function debianBinaries(): string | null {
  const root = "/usr/lib/postgresql";
  try {
    const newest = readdirSync(root).sort((one, other) => Number(other) - Number(one))[0];
    return newest === undefined || !readdirSync(join(root, newest, "bin")).includes("initdb")
      ? null
      : join(root, newest, "bin");
  } catch {
    return null;
  }
}

/** Postgres refuses to run as root. */
async function unprivileged(): Promise<{ readonly uid: number; readonly gid: number } | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const { stdout } = await promisify(execFile)("id", ["-u", "postgres"]);
  const group = await promisify(execFile)("id", ["-g", "postgres"]);
  return { uid: Number(stdout), gid: Number(group.stdout) };
}

/** The postmaster and its children, which are sessions of their own and get no signal of a group. */
function signalAll(data: string, signal: NodeJS.Signals): void {
  if (!existsSync(join(data, "postmaster.pid"))) return; // it is stopped
  const postmaster = Number(readFileSync(join(data, "postmaster.pid"), "utf8").split("\n")[0]);
  for (const pid of [postmaster, ...childrenOf(postmaster)]) {
    try {
      process.kill(pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error; // it ended meanwhile
    }
  }
}

function childrenOf(parent: number): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => {
      try {
        // After the name, which may hold anything and ends with the last parenthesis: state, then the parent's id.
        const stat = readFileSync(`/proc/${name}/stat`, "utf8");
        return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]) === parent;
      } catch {
        return false; // it ended meanwhile
      }
    })
    .map(Number);
}
