import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "@sluice/testkit";
import { findProgram, isRoot } from "./commands.js";

const sshd = findProgram("sshd");

/** Why there can be no SSH server here; null when there can. */
export const noSshServer =
  sshd === null
    ? "needs sshd: apt-get install openssh-server"
    : isRoot
      ? null
      : "needs root, to make a user to log in as";

/** A key pair in files. */
export interface KeyPair {
  readonly privateKey: string;
  /** As it stands in a known_hosts or authorized_keys file: type and base64. */
  readonly publicKey: string;
  /** As `ssh-keygen -l` prints it. */
  readonly fingerprint: string;
}

/** A real OpenSSH server on a free port. */
export interface SshServer {
  readonly port: number;
  readonly hostKey: KeyPair;
  /** What it has written to its log so far. */
  log(): string;
  /** Ends the server and every session; its folder goes too. */
  stop(): Promise<void>;
}

/** Options of {@link startSshServer}. */
export interface SshServerOptions {
  /** Keys that may log in. */
  readonly authorized?: readonly KeyPair[];
  /** Further lines of its configuration. */
  readonly config?: readonly string[];
  /** @defaultValue a new one */
  readonly hostKey?: KeyPair;
  /** @defaultValue a free one */
  readonly port?: number;
  /** A file that says how PAM lets in, for this server alone. @defaultValue the machine's */
  readonly pam?: string;
}

/** Makes a key pair; without a passphrase it is not encrypted. */
export function makeKey(type: "ed25519" | "rsa" | "ecdsa" = "ed25519", passphrase = ""): KeyPair {
  const folder = mkdtempSync(join(tmpdir(), "ssh-key-"));
  const file = join(folder, "key");
  execFileSync("ssh-keygen", ["-q", "-t", type, "-N", passphrase, "-C", "test", "-f", file]);
  const [name, base64] = readFileSync(`${file}.pub`, "utf8").split(" ");
  const told = execFileSync("ssh-keygen", ["-l", "-f", `${file}.pub`], { encoding: "utf8" });
  const privateKey = readFileSync(file, "utf8");
  rmSync(folder, { recursive: true });
  return { privateKey, publicKey: `${name} ${base64}`, fingerprint: told.split(" ")[1] ?? "" };
}

/** Starts a server; it takes passwords, their prompt and the authorized keys unless its configuration says otherwise. */
export async function startSshServer(options: SshServerOptions = {}): Promise<SshServer> {
  const { authorized = [], config = [], hostKey = makeKey() } = options;
  const folder = mkdtempSync(join(tmpdir(), "sshd-"));
  const port = options.port ?? (await freePort());
  const files = {
    key: join(folder, "host-key"),
    authorized: join(folder, "authorized_keys"),
    config: join(folder, "config"),
  };
  writeFileSync(files.key, hostKey.privateKey, { mode: 0o600 });
  writeFileSync(files.authorized, authorized.map(({ publicKey }) => `${publicKey}\n`).join(""));
  writeFileSync(
    files.config,
    [
      ...config, // of two lines the first counts
      `Port ${port}`,
      "ListenAddress 127.0.0.1",
      `HostKey ${files.key}`,
      `AuthorizedKeysFile ${files.authorized}`,
      "StrictModes no",
      "UsePAM yes",
      "PasswordAuthentication yes",
      "KbdInteractiveAuthentication yes",
      "PrintMotd no",
      "PidFile none",
      "LogLevel ERROR",
    ].join("\n"),
  );
  execFileSync("chmod", ["755", folder]); // the user reads the authorized keys
  mkdirSync("/run/sshd", { recursive: true }); // where sshd locks itself up before a login
  const [program = "", ...words] = [...withPam(options.pam), sshd ?? "sshd"];
  const server = spawn(program, [...words, "-D", "-e", "-f", files.config], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  let log = "";
  server.stderr.on("data", (bytes) => {
    log += bytes;
  });
  await listening(server, port, () => log);
  return {
    port,
    hostKey,
    log: () => log,
    async stop() {
      const gone = new Promise((resolve) => server.once("exit", resolve));
      server.kill();
      await gone;
      rmSync(folder, { recursive: true });
    },
  };
}

/** Shows a program another PAM configuration than the rest of the machine has. */
function withPam(file: string | undefined): readonly string[] {
  if (file === undefined) return [];
  return ["unshare", "--mount", "sh", "-c", 'mount --bind "$0" /etc/pam.d/sshd && exec "$@"', file];
}

async function listening(server: ChildProcess, port: number, log: () => string): Promise<void> {
  while (!(await answers(port))) {
    if (server.exitCode !== null) throw new Error(`sshd did not start: ${log()}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}
