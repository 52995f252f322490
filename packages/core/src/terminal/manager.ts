import type { Clock } from "../clock.js";
import { GatewayError } from "../errors.js";
import type { GatewayConfig } from "../schemas/options.js";
import {
  OpenTerminal,
  type OpenTerminalInput,
  type TerminalEnvironment,
  type TerminalExit,
} from "../schemas/terminal.js";
import { validate } from "../schemas/validate.js";
import type { RecordAudit } from "../spec/audit.js";
import type { Actor } from "../spec/call.js";
import type { TerminalElsewhere } from "../spec/carried-call.js";
import type { LeaveSignal, Peer, TerminalType } from "../spec/http.js";
import type { Logger } from "../spec/logger.js";
import type { RunningTerminal, TerminalDriver } from "../spec/terminal.js";
import type { TerminalHandle } from "../spec/terminal-session.js";
import type { Elsewhere } from "./elsewhere/elsewhere.js";
import { assertNoKeys, type HoldsSecret } from "./internal/key-variables.js";
import { userBehind } from "./internal/peer-user.js";
import { Tickets } from "./internal/tickets.js";
import { Transcript } from "./internal/transcript.js";
import { Opening } from "./opening.js";
import { assertMayOpen, mayUse, ownerOf } from "./rights.js";
import { Session } from "./session.js";
import { SessionAccess } from "./session-access.js";

/** What {@link TerminalManager} works with. */
export interface TerminalManagerOptions {
  /** The driver of a kind; null where there is none. */
  driver(type: TerminalType): Promise<TerminalDriver | null>;
  readonly config: GatewayConfig["terminal"];
  readonly clock: Clock;
  readonly logger: Logger;
  readonly record: RecordAudit;
  /** Whether a secret of the gateway's stands in a text. */
  readonly holdsSecret: HoldsSecret;
  /** The other instances; null where there are none. */
  readonly elsewhere: Elsewhere | null;
}

const SWEEP_EVERY_MS = 1_000;
const SUFFIX_DIGITS = 20;

/** Every open terminal of this process: who may open, use and see which, how many, and for how long. */
export class TerminalManager {
  readonly #options: TerminalManagerOptions;
  readonly #sessions = new Map<string, Session>();
  readonly #opening = new Set<Opening>();
  readonly #drivers = new Set<TerminalDriver>();
  readonly #tickets: Tickets;
  readonly #stopSweeping: () => void;
  #frozen = false;
  #closed = false;

  constructor(options: TerminalManagerOptions) {
    this.#options = options;
    this.#tickets = new Tickets(options.clock);
    this.#stopSweeping = options.clock.every(SWEEP_EVERY_MS, () => this.#sweep());
  }

  /**
   * Opens a terminal.
   * @throws GatewayError `invalid_request`, `forbidden`, `rate_limit_exceeded`, `not_installed`, and whatever keeps the
   * driver from opening it
   */
  async open(input: OpenTerminalInput, actor: Actor, signal: LeaveSignal): Promise<TerminalHandle> {
    const request = validate(OpenTerminal, input);
    this.#assertRunning();
    assertMayOpen(actor.identity, request.type);
    if (request.type === "local") this.#assertNoKeys(request.env);
    const owner = ownerOf(actor.identity);
    this.#assertRoom(owner);
    const { clock, logger, config } = this.#options;
    const opening = new Opening(this.#newId(), owner, { signal, clock, withinMs: config.connectTimeoutMs });
    this.#opening.add(opening);
    try {
      const driver = await this.#driver(request.type);
      // Not before the session is there: a terminal may end while it is being opened.
      let end: TerminalExit | null = null;
      let session: Session | null = null;
      const terminal = await driver.open(request, {
        sessionId: opening.id,
        identity: actor.identity,
        signal: opening.signal,
        clock,
        logger,
        onEnd: (exit) => {
          end ??= exit;
          session?.ended(exit);
        },
        onLateOutput: (bytes) => session?.jobs.append(bytes),
      });
      session = await this.#admit(opening, request, terminal).catch(async (error: unknown) => {
        await terminal.close();
        throw error;
      });
      if (end) session.ended(end);
      const { details } = terminal;
      this.#options.record(
        { action: "terminal.open", target: opening.id, details: { type: request.type, ...details } },
        actor,
      );
      return this.#handle(session, actor);
    } catch (error) {
      throw opening.explain(error);
    } finally {
      this.#opening.delete(opening);
      opening.end();
    }
  }

  /** Every terminal somebody may use, the oldest first. */
  list(actor: Actor): readonly TerminalHandle[] {
    const own = [...this.#sessions.values()].filter(({ owner }) => mayUse(actor.identity, owner));
    return own.map((session) => this.#handle(session, actor));
  }

  /** One of them. @throws GatewayError `not_found`, also for somebody else's */
  find(id: string, actor: Actor): TerminalHandle {
    const session = this.#sessions.get(id);
    if (session && mayUse(actor.identity, session.owner)) return this.#handle(session, actor);
    throw new GatewayError("not_found", { details: "there is no such terminal" });
  }

  /**
   * A terminal that another instance has; null for one that is here or nowhere.
   * @param actor - whose it must be; null for whoever shows a ticket, which that instance looks at
   * @throws GatewayError `store_unavailable`
   */
  async elsewhere(id: string, actor: Actor | null): Promise<TerminalElsewhere | null> {
    const { elsewhere } = this.#options;
    if (elsewhere === null || this.#sessions.has(id)) return null;
    const found = await elsewhere.find(id);
    return found && (actor === null || mayUse(actor.identity, found.owner)) ? found : null;
  }

  /** Every terminal of other instances that somebody may use, as far as it is known now. */
  async listElsewhere(actor: Actor): Promise<readonly TerminalElsewhere[]> {
    const { elsewhere, logger } = this.#options;
    const all = await (elsewhere?.list() ?? Promise.resolve([])).catch((error: unknown) => {
      logger.warn({ err: error }, "the terminals of other instances are not known now");
      return [];
    });
    return all.filter(({ owner }) => mayUse(actor.identity, owner));
  }

  /** The terminal that a ticket is for. @throws GatewayError `unauthorized`, `not_found` */
  redeem(ticket: string, id: string): TerminalHandle {
    const admission = this.#tickets.redeem(ticket);
    if (admission?.sessionId === id) return this.find(id, admission.actor);
    throw new GatewayError("unauthorized", { details: "the ticket is unknown, used or older than 30 seconds" });
  }

  /** Whether the other end of a connection within this machine is the gateway's own user or root. */
  isOwnUser({ address, remotePort, localPort }: Peer): boolean {
    if (!this.#options.config.checkPeerUser || process.platform !== "linux") return true;
    if (address === undefined || remotePort === undefined || localPort === undefined) return false;
    const user = userBehind({ address, port: remotePort }, localPort);
    return user === 0 || user === process.getuid?.();
  }

  /** Whether terminals are stopped and refused. */
  get frozen(): boolean {
    return this.#frozen;
  }

  /** Stops every terminal, those that are being opened included. */
  async endAll(): Promise<void> {
    for (const opening of this.#opening) opening.abort();
    await this.#closeAll("deleted");
  }

  /** Stops every terminal and opens no more until `unfreeze`. */
  async freeze(actor: Actor): Promise<void> {
    this.#frozen = true;
    await this.endAll();
    this.#options.record({ action: "terminal.freeze", target: null }, actor);
  }

  /** Opens terminals again. */
  unfreeze(actor: Actor): void {
    this.#frozen = false;
    this.#options.record({ action: "terminal.unfreeze", target: null }, actor);
  }

  /** Ends every terminal; resolves when nothing of them runs. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#stopSweeping();
    for (const opening of this.#opening) opening.abort();
    await Promise.all([...this.#opening].map(({ done }) => done));
    await this.#closeAll("shutdown");
    await Promise.all([...this.#drivers].map((driver) => driver.close?.()));
    await this.#options.elsewhere?.close();
  }

  #handle(session: Session, actor: Actor): TerminalHandle {
    const { clock, record } = this.#options;
    const remove = () => this.#remove(session, "deleted");
    const checkEnv = (env: TerminalEnvironment | undefined) => this.#assertNoKeys(env);
    return new SessionAccess({ session, actor, clock, record, tickets: this.#tickets, remove, checkEnv });
  }

  /** Makes a terminal that has just been opened a session. @throws GatewayError when it is too late for that */
  async #admit(opening: Opening, request: OpenTerminal, terminal: RunningTerminal): Promise<Session> {
    if (opening.signal.aborted || this.#closed || this.#frozen) {
      throw opening.signal.aborted ? opening.signal.reason : new GatewayError("draining");
    }
    const { clock, logger, config } = this.#options;
    const { cols, rows } = request;
    const folder = config.transcripts;
    const session = new Session({
      id: opening.id,
      owner: opening.owner,
      request,
      terminal,
      idleTimeoutMs: request.idleTimeoutMs ?? config.idleTimeoutMs,
      maxLifeMs: config.maxLifeMs,
      witness:
        folder === null ? null : new Transcript({ folder, sessionId: opening.id, size: { cols, rows }, clock, logger }),
      clock,
    });
    this.#sessions.set(session.id, session);
    const { id, type, createdAt } = session.view();
    await this.#options.elsewhere?.opened({ id, type, createdAt, owner: session.owner });
    return session;
  }

  async #driver(type: TerminalType): Promise<TerminalDriver> {
    const driver = await this.#options.driver(type);
    if (!driver) throw new GatewayError("not_installed", { details: `${type} terminals are not part of this gateway` });
    this.#drivers.add(driver);
    return driver;
  }

  #assertNoKeys(env: TerminalEnvironment | undefined): void {
    const { config, holdsSecret } = this.#options;
    if (!config.allowSecrets) assertNoKeys(env, holdsSecret);
  }

  #assertRunning(): void {
    if (this.#closed) throw new GatewayError("draining");
    if (this.#frozen) throw new GatewayError("forbidden", { details: "terminals are frozen" });
  }

  #assertRoom(owner: string): void {
    const { maxSessions, maxSessionsPerOwner } = this.#options.config;
    const all = [...this.#sessions.values(), ...this.#opening];
    const own = all.filter((each) => each.owner === owner);
    if (all.length >= maxSessions) throw tooMany(`at most ${maxSessions} terminals are open at once`);
    if (own.length >= maxSessionsPerOwner) throw tooMany(`at most ${maxSessionsPerOwner} terminals each; delete one`);
  }

  #newId(): string {
    const { clock } = this.#options;
    const hex = clock
      .id("")
      .replace(/[^0-9a-z]/gi, "")
      .toLowerCase();
    return `term-${String(Math.floor(clock.now())).padStart(13, "0")}-${hex.padStart(SUFFIX_DIGITS, "0")}`;
  }

  #sweep(): void {
    for (const session of this.#sessions.values()) {
      if (!session.isOverdue) continue;
      this.#options.record({ action: "terminal.expire", target: session.id, details: { type: session.type } }, {});
      this.#remove(session, "deleted").catch((error: unknown) => {
        this.#options.logger.error({ err: error, session: session.id }, "a terminal could not be closed");
      });
    }
  }

  async #remove(session: Session, why: "deleted" | "shutdown"): Promise<void> {
    this.#sessions.delete(session.id);
    await session.close(why);
    await this.#options.elsewhere?.closed(session.id);
  }

  async #closeAll(why: "deleted" | "shutdown"): Promise<void> {
    await Promise.all([...this.#sessions.values()].map((session) => this.#remove(session, why)));
  }
}

function tooMany(details: string): GatewayError {
  return new GatewayError("rate_limit_exceeded", { details });
}
