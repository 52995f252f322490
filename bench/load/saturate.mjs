import { answerBody } from "../fixtures.mjs";
import { Connection } from "./connection.mjs";
import { cpuWindow } from "./cpu-window.mjs";
import { ExpectedBody } from "./expected-body.mjs";
import { chatRequest, portOf } from "./request.mjs";

/**
 * Closed loop: as many requests at once as there are connections, each followed by the next. Counts what a target
 * completes in the window and the CPU it uses for that.
 */
export async function saturate({ url, key, pid, connections, settleMs, windowMs }) {
  const request = chatRequest(url, { stream: false, key });
  const loops = Array.from({ length: connections }, () => new Loop(portOf(url), request));
  const failed = new Promise((_, reject) => {
    for (const loop of loops) loop.run(reject);
  });
  const completed = () => loops.reduce((sum, loop) => sum + loop.completed, 0);
  try {
    return await Promise.race([cpuWindow({ pid, settleMs, windowMs }, completed), failed]);
  } finally {
    for (const loop of loops) loop.stop();
  }
}

/** One connection that always has a request under way. */
class Loop {
  completed = 0;
  #connection;
  #request;
  #body = new ExpectedBody(answerBody);
  #stopped = false;

  constructor(port, request) {
    this.#connection = new Connection(port);
    this.#request = request;
  }

  run(onFailure) {
    const listener = {
      onBody: (bytes, start, end) => this.#body.push(bytes, start, end),
      onEnd: () => {
        this.#body.end();
        this.completed++;
        if (!this.#stopped) this.#connection.send(this.#request, listener);
      },
      onFailure,
    };
    this.#connection.send(this.#request, listener);
  }

  stop() {
    this.#stopped = true;
    this.#connection.destroy();
  }
}
