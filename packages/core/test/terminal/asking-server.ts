import type { AddressInfo } from "node:net";
import ssh2, { type KeyboardAuthContext, type Prompt } from "ssh2";
import { onTestFinished } from "vitest";
import { makeKey } from "./ssh-server.js";

/** One question and the answer it wants. */
export interface Question extends Prompt {
  readonly answer: string;
}

/** An SSH server that lets in whoever answers its questions. */
export interface AskingServer {
  readonly port: number;
  /** Everything it was told, by whatever way. */
  readonly heard: readonly string[];
}

/**
 * Starts a server that asks in rounds, several questions at once in each, and runs no command but says what it would run.
 * @param also - further ways to log in that it offers, and refuses
 */
export async function askingServer(
  rounds: readonly (readonly Question[])[],
  also: readonly ("password" | "publickey")[] = [],
): Promise<AskingServer> {
  const heard: string[] = [];
  const server = new ssh2.Server({ hostKeys: [makeKey().privateKey] }, (client) => {
    client.on("error", () => {}); // the other end breaks off
    client.on("authentication", (context) => {
      if (context.method === "password") heard.push(context.password);
      if (context.method !== "keyboard-interactive") return context.reject(["keyboard-interactive", ...also]);
      ask(context, [...rounds]);
    });
    client.on("session", (accept) => {
      accept().on("exec", (acceptExec, _reject, { command }) => {
        const channel = acceptExec();
        channel.write(`would run ${command}\n`);
        channel.exit(0);
        channel.end();
      });
    });
  });

  function ask(context: KeyboardAuthContext, [round, ...rest]: (readonly Question[])[]): void {
    if (!round) return context.accept();
    const prompts = round.map(({ prompt, echo = false }) => ({ prompt, echo }));
    context.prompt(prompts, "", (answers) => {
      heard.push(...answers);
      const right = round.every(({ answer }, at) => answers[at] === answer);
      if (right) ask(context, rest);
      else context.reject(["keyboard-interactive", ...also]);
    });
  }

  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())));
  return { port: (server.address() as AddressInfo).port, heard }; // a TCP server has a port
}
