import { requirePeer } from "../../../require-peer.js";

/** What to start in a pseudo-terminal. */
export interface PtySpawnOptions {
  readonly name: string;
  readonly cols: number;
  readonly rows: number;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** null for bytes as they are. */
  readonly encoding: null;
  readonly uid?: number;
  readonly gid?: number;
}

/** A program in a pseudo-terminal, as `node-pty` gives it. */
export interface Pty {
  readonly pid: number;
  onData(listener: (bytes: Buffer) => void): unknown;
  onExit(listener: (end: { readonly exitCode: number; readonly signal?: number }) => void): unknown;
  write(bytes: Buffer): void;
  /** Throws for a size below 1 and after the end. */
  resize(cols: number, rows: number): void;
  pause(): void;
  resume(): void;
}

/** The part of the package `node-pty` that is used; its own types lack `encoding: null` and what follows from it. */
export interface PtyBinding {
  spawn(program: string, args: string[], options: PtySpawnOptions): Pty;
}

/** The native binding. @throws GatewayError `not_installed` */
export function loadPty(): PtyBinding {
  return requirePeer("node-pty", "An interactive local terminal") as PtyBinding; // described above
}
