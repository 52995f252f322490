import type { Clock } from "../../clock.js";
import { GatewayError } from "../../errors.js";
import type { RedisLink } from "../../redis/redis-link.js";
import type { RedisMailbox } from "../../redis/redis-mailbox.js";
import type { CarriedCall, ServeCarried, TerminalElsewhere } from "../../spec/carried-call.js";
import type { GatewayResponse, LeaveSignal } from "../../spec/http.js";
import type { Logger } from "../../spec/logger.js";
import { BEAT_MS, DEAD_MS, type DirectoryEntry, type Listed, TerminalDirectory } from "./directory.js";
import type { Envelope } from "./envelope.js";
import { InOrder } from "./in-order.js";
import { IncomingCall } from "./incoming-call.js";
import type { Mail, Said } from "./mail.js";
import { OutgoingCall } from "./outgoing-call.js";

/** What {@link Elsewhere} works with. */
export interface ElsewhereOptions {
  readonly link: RedisLink;
  readonly mailbox: RedisMailbox;
  /** The name of this instance's mailbox. */
  readonly instance: string;
  /** Closes what instances send each other. Those with another secret are no instances of this gateway. */
  readonly envelope: Envelope;
  readonly serve: ServeCarried;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** An outgoing call, and to whom. */
interface Sent {
  readonly call: OutgoingCall;
  readonly order: InOrder;
  readonly to: string;
  /** When that instance was last known to be there. */
  seenAt: number;
}

/** A call that is answered here. */
interface Taken {
  readonly call: IncomingCall;
  readonly order: InOrder;
}

/** The terminals of all instances on one Redis: what is here they know, and what is there can be called. */
export class Elsewhere {
  readonly #options: ElsewhereOptions;
  readonly #directory: TerminalDirectory;
  readonly #own = new Map<string, DirectoryEntry>();
  readonly #sent = new Map<string, Sent>();
  readonly #taken = new Map<string, Taken>();
  /** What every call waited for at the last beat. */
  #missing = new Map<InOrder, number>();
  #stop: (() => void) | null = null;

  constructor(options: ElsewhereOptions) {
    this.#options = options;
    this.#directory = new TerminalDirectory(options.link, options.instance, options.envelope.name);
  }

  /** Begins to listen. @throws GatewayError `not_installed` */
  async open(): Promise<void> {
    const { mailbox, clock, envelope, instance, logger } = this.#options;
    this.#stop = clock.every(BEAT_MS, () => {
      this.#endGaps();
      void this.#beat();
    });
    await mailbox.open((text) => {
      const mail = envelope.open(text, instance);
      if (mail) this.#heed(mail);
      else logger.warn({ event: "foreign-mail" }, "somebody else wrote to this instance over Redis");
    });
    await this.#beat();
  }

  /** A terminal has been opened here. */
  async opened(entry: Omit<DirectoryEntry, "instance">): Promise<void> {
    const own = { ...entry, instance: this.#options.instance };
    this.#own.set(entry.id, own);
    await this.#quietly(this.#directory.beat([own]));
  }

  /** It is gone. */
  async closed(id: string): Promise<void> {
    this.#own.delete(id);
    await this.#quietly(this.#directory.drop(id));
  }

  /** A terminal of another instance. @throws GatewayError `store_unavailable` */
  async find(id: string): Promise<TerminalElsewhere | null> {
    const found = await this.#asked(this.#directory.find(id));
    return found && found.entry.instance !== this.#options.instance ? this.#terminal(found) : null;
  }

  /** Every terminal of other instances. @throws GatewayError `store_unavailable` */
  async list(): Promise<readonly TerminalElsewhere[]> {
    const all = await this.#asked(this.#directory.list());
    return all.filter(({ entry }) => entry.instance !== this.#options.instance).map((each) => this.#terminal(each));
  }

  async close(): Promise<void> {
    this.#stop?.();
    for (const { call } of this.#sent.values()) call.fail(new GatewayError("draining"));
    for (const { call } of this.#taken.values()) call.leave();
    await this.#quietly(this.#directory.leave());
    this.#options.mailbox.close();
  }

  #terminal({ entry, isAlive }: Listed): TerminalElsewhere {
    const { id, type, createdAt, instance, owner } = entry;
    return {
      view: () => ({ id, type, createdAt, connected: isAlive }),
      owner,
      isAlive,
      carry: (call, left) => this.#carry(instance, call, left),
      forget: () => this.#asked(this.#directory.drop(id)),
    };
  }

  async #carry(to: string, call: CarriedCall, left: LeaveSignal): Promise<GatewayResponse> {
    const { clock } = this.#options;
    const id = clock.id("call-");
    const post = this.#poster(to, id);
    const outgoing = new OutgoingCall(post, () => {
      this.#sent.delete(id);
      left.removeEventListener("abort", leave);
    });
    const leave = () => outgoing.leave();
    const order = new InOrder((mail) => outgoing.hear(mail));
    this.#sent.set(id, { call: outgoing, order, to, seenAt: clock.monotonic() });
    left.addEventListener("abort", leave, { once: true });
    post({ t: "call", call });
    if (left.aborted) leave();
    return outgoing.response;
  }

  /** Called from a connection's event, where nobody would catch anything. */
  #heed(mail: Mail): void {
    try {
      this.#hear(mail);
    } catch (error) {
      this.#options.logger.error({ err: error }, "a message of another instance");
    }
  }

  #hear(mail: Mail): void {
    const { id, from } = mail;
    const sent = this.#sent.get(id);
    if (sent) {
      sent.seenAt = this.#options.clock.monotonic();
      if (!sent.order.take(mail)) sent.call.fail(lost());
    } else if (mail.t === "call" || this.#taken.has(id)) {
      const taken = this.#taken.get(id) ?? this.#begun(id, from);
      if (!taken.order.take(mail)) taken.call.leave();
    }
  }

  #begun(id: string, from: string): Taken {
    const call = new IncomingCall(from, this.#poster(from, id), () => this.#taken.delete(id));
    const order = new InOrder((mail) => {
      if (mail.t === "call") void call.serve(mail.call, this.#options.serve);
      else call.hear(mail);
    });
    const taken = { call, order };
    this.#taken.set(id, taken);
    return taken;
  }

  /** Addresses what is said of one call, and numbers it. */
  #poster(to: string, id: string): (said: Said<Mail["t"]>) => void {
    const { instance: from } = this.#options;
    let n = 0;
    return (said) => this.#post(to, { ...said, id, from, n: n++ } as Mail); // the fields that are left to us
  }

  #post(to: string, mail: Mail): void {
    const { mailbox, envelope } = this.#options;
    mailbox.post(to, envelope.seal(mail, to)).catch((error: unknown) => {
      this.#options.logger.debug({ err: error }, "a message to another instance");
      this.#sent.get(mail.id)?.call.fail(unavailable(error));
      this.#taken.get(mail.id)?.call.leave();
    });
  }

  /** Says that we are there, and looks whether those are who owe us something or wait for us. */
  async #beat(): Promise<void> {
    await this.#quietly(this.#directory.beat([...this.#own.values()]));
    for (const sent of this.#sent.values()) {
      const now = this.#options.clock.monotonic();
      const isThere = await this.#isThere(sent.to);
      if (isThere) sent.seenAt = now;
      else if (isThere === false) sent.call.fail(ended());
      else if (now - sent.seenAt > DEAD_MS) sent.call.fail(unavailable(undefined));
    }
    for (const { call } of this.#taken.values()) if ((await this.#isThere(call.from)) === false) call.leave();
  }

  /** What is still missing after a whole beat, while later mail is there, is lost: nobody sends it again. */
  #endGaps(): void {
    const before = this.#missing;
    this.#missing = new Map();
    const isLost = (order: InOrder) => {
      const { missing } = order;
      if (missing !== null) this.#missing.set(order, missing);
      return missing !== null && before.get(order) === missing;
    };
    for (const { call, order } of this.#sent.values()) if (isLost(order)) call.fail(lost());
    for (const { call, order } of this.#taken.values()) if (isLost(order)) call.leave();
  }

  /** Null when Redis does not say. */
  #isThere(instance: string): Promise<boolean | null> {
    return this.#directory.isAlive(instance).catch(() => null);
  }

  async #asked<Answer>(answer: Promise<Answer>): Promise<Answer> {
    try {
      return await answer;
    } catch (error) {
      throw unavailable(error);
    }
  }

  async #quietly(work: Promise<void>): Promise<void> {
    await work.catch((error: unknown) => this.#options.logger.debug({ err: error }, "the directory of terminals"));
  }
}

function unavailable(cause: unknown): GatewayError {
  return new GatewayError("store_unavailable", { details: "Redis does not say where the terminal is", cause });
}

function lost(): GatewayError {
  return new GatewayError("store_unavailable", { details: "a message between instances was lost" });
}

/** The instance that had a terminal is not there any more, and so is the terminal. */
export function ended(): GatewayError {
  return new GatewayError("conflict", { details: "the instance that had this terminal has ended; delete the session" });
}
