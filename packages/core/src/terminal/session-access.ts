import type { Clock } from "../clock.js";
import { GatewayError } from "../errors.js";
import { bytesOf } from "../schemas/bytes-of.js";
import { type TerminalEnvironment, TerminalSize } from "../schemas/terminal.js";
import {
  ExecuteCommand,
  type ExecuteResult,
  type Execution,
  type TerminalSignalName,
} from "../schemas/terminal-call.js";
import { validate } from "../schemas/validate.js";
import type { RecordAudit } from "../spec/audit.js";
import type { Actor } from "../spec/call.js";
import type { MessageSocket } from "../spec/message-socket.js";
import type { ExecuteCallOptions, ReadOptions, StartedCommand, TerminalHandle } from "../spec/terminal-session.js";
import { Command } from "./command.js";
import { outputOrSilence } from "./internal/output-or-silence.js";
import { redacted } from "./internal/redact.js";
import type { Tickets } from "./internal/tickets.js";
import { ownerOf } from "./rights.js";
import type { Session } from "./session.js";

/** What {@link SessionAccess} works with. */
export interface AccessSettings {
  readonly session: Session;
  readonly actor: Actor;
  readonly clock: Clock;
  readonly tickets: Tickets;
  readonly record: RecordAudit;
  /** @throws GatewayError `invalid_request` for variables that must not be set */
  checkEnv(env: TerminalEnvironment | undefined): void;
  /** Ends the session and forgets it. */
  remove(): Promise<void>;
}

const KIB = 1024;
const MAX_COMMAND_BYTES = 1024 * KIB;
const MAX_STDIN_BYTES = 8 * 1024 * KIB;
const MAX_SEND_BYTES = 64 * KIB;
const READ_BYTES = 256 * KIB;

/** A session in the hands of one caller: every act is checked and written down. */
export class SessionAccess implements TerminalHandle {
  readonly id: string;
  readonly type: TerminalHandle["type"];
  readonly #settings: AccessSettings;
  readonly #session: Session;

  constructor(settings: AccessSettings) {
    this.#settings = settings;
    this.#session = settings.session;
    this.id = settings.session.id;
    this.type = settings.session.type;
  }

  view(): ReturnType<TerminalHandle["view"]> {
    return this.#session.view();
  }

  detail(): ReturnType<TerminalHandle["detail"]> {
    return this.#session.detail();
  }

  async execute(text: string, options: ExecuteCallOptions = {}): Promise<ExecuteResult> {
    return this.start(text, options).result;
  }

  start(text: string, options: ExecuteCallOptions = {}): StartedCommand {
    const { signal } = options;
    const command = this.#command(text, options);
    const stop = () => command.stop();
    if (signal?.aborted) stop();
    signal?.addEventListener("abort", stop, { once: true });
    const result = this.#session.commands.add(command).finally(() => {
      signal?.removeEventListener("abort", stop);
      this.#session.touch();
      const { exitCode, timedOut = false } = command.outcome();
      const { durationMs } = command.view();
      this.#note("terminal.execute", { command: redacted(command.text), exitCode, timedOut, durationMs });
    });
    return { execution: command.view(), result };
  }

  execution(n: number): Execution {
    this.#session.touch();
    return this.#session.commands.get(n).view();
  }

  stopExecution(n: number): void {
    this.#session.use();
    this.#session.commands.get(n).stop();
  }

  async send(data: string | Uint8Array): Promise<void> {
    this.#session.use();
    const bytes = typeof data === "string" ? Buffer.from(data) : data;
    assertSize("data", bytes.length, MAX_SEND_BYTES);
    await this.#session.screen.write(bytes);
    this.#note("terminal.send", { bytes: bytes.length });
  }

  async read({ of = "screen", cursor, maxBytes = READ_BYTES, waitMs = 0, signal }: ReadOptions = {}) {
    const session = this.#session;
    session.touch();
    const log = of === "jobs" ? session.jobs : session.screen.log;
    if (cursor !== undefined && cursor > log.end) throw inTheFuture(log.end);
    if (of === "screen" && session.view().connected && session.screen.exit === null) await session.screen.start();
    const reader = `${of} ${ownerOf(this.#settings.actor.identity)}`;
    const from = cursor ?? session.cursorOf(reader);
    await outputOrSilence(log, from, { waitMs, signal, clock: this.#settings.clock });
    const { bytes, cursor: next, dropped } = log.read(from, maxBytes);
    if (cursor === undefined) session.remember(reader, next);
    session.touch();
    return { data: bytes, cursor: next, dropped, closed: log.closed && next === log.end };
  }

  resize(size: TerminalSize): void {
    this.#session.use();
    const { cols, rows } = validate(TerminalSize, size);
    this.#session.audience.resize({ cols, rows });
    this.#note("terminal.resize", { cols, rows });
  }

  signal(name: TerminalSignalName): void {
    this.#session.use();
    this.#session.screen.signal(name);
    this.#note("terminal.signal", { signal: name });
  }

  async restart(): Promise<void> {
    const { terminal, commands, screen } = this.#session;
    this.#session.use();
    if (!terminal.restart) {
      throw new GatewayError("invalid_request", { details: "this kind of terminal cannot start afresh; open another" });
    }
    commands.stopAll();
    await screen.restart();
    await terminal.restart();
    this.#note("terminal.restart");
  }

  ticket(): ReturnType<TerminalHandle["ticket"]> {
    this.#session.use();
    const { tickets, actor } = this.#settings;
    const { ticket, expiresAt } = tickets.issue({ sessionId: this.id, actor });
    return { ticket, expiresAt: new Date(expiresAt).toISOString() };
  }

  async prepareAttach(): Promise<void> {
    this.#session.use();
    if (this.#session.screen.exit === null) await this.#session.screen.start();
  }

  attach(socket: MessageSocket): void {
    const session = this.#session;
    session.touch();
    session.audience.join(socket, {
      send: (bytes) => this.send(bytes),
      signal: (name) => this.signal(name),
      mayStay: () => this.#mayStay(),
    });
    this.#note("terminal.attach");
  }

  async close(): Promise<void> {
    await this.#settings.remove();
    this.#note("terminal.delete");
  }

  #command(text: string, { signal: _signal, onOutput, ...options }: ExecuteCallOptions): Command {
    this.#session.use();
    const { stdin, ...request } = validate(ExecuteCommand, { command: text, ...options });
    this.#settings.checkEnv(request.env);
    assertSize("command", Buffer.byteLength(request.command), MAX_COMMAND_BYTES);
    const input = stdin === undefined ? undefined : bytesOf("stdin", stdin, request.encoding);
    assertSize("stdin", input?.length ?? 0, MAX_STDIN_BYTES);
    const { clock } = this.#settings;
    return new Command({ n: this.#session.commands.next, request, stdin: input, tap: onOutput, clock });
  }

  async #mayStay(): Promise<boolean> {
    const { clock, actor } = this.#settings;
    const { expiresAt = Number.POSITIVE_INFINITY } = actor.identity ?? {};
    return expiresAt > clock.now() && ((await actor.isStillKnown?.()) ?? true);
  }

  #note(action: string, details: Record<string, string | number | boolean | null> = {}): void {
    const { record, actor } = this.#settings;
    record({ action, target: this.id, details: { type: this.type, ...details } }, actor);
  }
}

function assertSize(param: string, bytes: number, max: number): void {
  if (bytes > max) throw new GatewayError("payload_too_large", { param, details: `${param}: at most ${max} bytes` });
}

function inTheFuture(end: number): GatewayError {
  return new GatewayError("invalid_request", { param: "cursor", details: `cursor: the output ends at ${end}` });
}
