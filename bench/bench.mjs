import { MOUNT_TARGETS } from "./metrics/mounts.mjs";
import { LADEN } from "./metrics/requests.mjs";
import { startChild } from "./process/child.mjs";
import { shareCores } from "./process/cores.mjs";

/** What each target runs. The bare proxy runs twice: what its two rows differ by is the noise of this machine. */
const SCRIPTS = {
  bare: ["bare.mjs"],
  "bare again": ["bare.mjs"],
  gateway: ["gateway.mjs"],
  terminals: ["terminals.mjs"],
};
for (const name of LADEN) SCRIPTS[name] = ["laden.mjs", name];
for (const name of MOUNT_TARGETS) SCRIPTS[name] = ["mount.mjs", ...name.split(", ")];

/** The processes of one run: the targets, and what is around them. */
export class Bench {
  plan;
  around;
  cores = shareCores();
  #say;
  #children = new Set();

  constructor(plan, say) {
    this.plan = plan;
    this.#say = say;
  }

  async start() {
    this.around = await this.#start("around.mjs", { pin: this.cores.others });
  }

  /** Runs `use` with fresh targets, by name, and stops them. */
  async withTargets(names, use, nodeFlags = []) {
    const targets = new Map();
    try {
      for (const name of names) targets.set(name, await this.#startTarget(name, nodeFlags));
      return await use(targets);
    } finally {
      for (const target of targets.values()) await this.#stop(target);
    }
  }

  /** Shows what is going on. */
  progress(text) {
    this.#say(text);
  }

  async stop() {
    for (const child of this.#children) await child.stop();
  }

  #startTarget(name, nodeFlags) {
    const [script, ...words] = SCRIPTS[name];
    return this.#start(script, { args: [this.around.facts.url, ...words], nodeFlags, pin: this.cores.target });
  }

  async #start(script, options) {
    const child = await startChild(script, options);
    this.#children.add(child);
    return child;
  }

  async #stop(child) {
    this.#children.delete(child);
    await child.stop();
  }
}
