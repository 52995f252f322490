import { type ChildProcess, spawn } from "node:child_process";
import { createServer } from "node:net";
import { findProgram, isRoot } from "./commands.js";

const telnetd = findProgram("telnetd");

/** Why there can be no Telnet server here; null when there can. */
export const noTelnetServer =
  telnetd === null ? "needs telnetd: apt-get install telnetd" : isRoot ? null : "needs root, as telnetd does to log in";

/** A real telnetd on a free port. */
export interface TelnetServer {
  readonly port: number;
  /** Sessions that run. */
  readonly running: number;
  /** Ends the server and every session. */
  stop(): Promise<void>;
}

/**
 * Starts one telnetd for each connection, as inetd does.
 * @param login - the command line of what asks for name and password, in place of login(1)
 */
export async function startTelnetServer(login?: string): Promise<TelnetServer> {
  const sessions = new Set<ChildProcess>();
  const server = createServer({ pauseOnConnect: true }, (socket) => {
    const words = ["--no-hostinfo", ...(login === undefined ? [] : [`--exec-login=${login}`])];
    const session = spawn(telnetd ?? "telnetd", words, { stdio: [socket, socket, socket] });
    sessions.add(session);
    session.once("exit", () => sessions.delete(session));
    socket.destroy(); // telnetd has it now
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as { port: number }).port, // a TCP server has a port
    get running() {
      return sessions.size;
    },
    async stop() {
      for (const session of sessions) session.kill("SIGKILL");
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
