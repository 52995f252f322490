import { hostKeyId } from "../schemas/host-key.js";
import type { OpenRequest, TerminalDriver } from "../spec/terminal.js";
import type { Dialer } from "./internal/reach/dialer.js";
import { dialOptions, targetOf } from "./internal/remote.js";
import { logIn } from "./internal/telnet/auto-login.js";
import { TelnetConnection } from "./internal/telnet/connection.js";
import { type TextEncoding, textEncoding } from "./internal/telnet/encoding.js";
import { TelnetTerminal } from "./internal/telnet/terminal.js";

/** Options of {@link telnetTerminals}. */
export interface TelnetTerminalsOptions {
  readonly dialer: Dialer;
}

/** Opens Telnet connections. Everything on them, passwords included, can be read on the way. */
export function telnetTerminals({ dialer }: TelnetTerminalsOptions): TerminalDriver<"telnet"> {
  return {
    type: "telnet",
    async open(request, context) {
      const { clock, logger, signal } = context;
      signal.throwIfAborted();
      const target = targetOf(request);
      const name = hostKeyId(target);
      const size = { cols: request.cols, rows: request.rows };
      const socket = await dialer.connect(target, dialOptions(context));
      const connection = new TelnetConnection({ socket, size, clock, logger, name });
      const encoding = textEncoding(request.encoding);
      try {
        const login = loginOf(request, encoding);
        if (login) await logIn(login, { connection, clock, signal, name });
        signal.throwIfAborted();
      } catch (error) {
        await connection.close();
        throw error;
      }
      return new TelnetTerminal(name, connection, encoding, context);
    },
  };
}

function loginOf({ username, password, login }: OpenRequest<"telnet">, encoding: TextEncoding) {
  if (username === undefined) return null;
  return {
    username: encoding.write(Buffer.from(username)),
    password: password === undefined ? undefined : encoding.write(Buffer.from(password)),
    userPrompt: login?.userPrompt,
    passwordPrompt: login?.passwordPrompt,
  };
}
