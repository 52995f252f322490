import { existsSync } from "node:fs";
import { chromium } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildApp } from "./app.mjs";

const CHROMIUM = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync);
const missing = CHROMIUM === undefined ? " (needs Chromium)" : "";

describe.skipIf(CHROMIUM === undefined)(`the page${missing}`, () => {
  let browser;
  let page;
  let built;

  beforeAll(async () => {
    built = buildApp({ terminal: { shells: ["/bin/bash"], env: { HOME: "/", PS1: "$ " } } });
    await new Promise((resolve) => built.app.listen(0, "127.0.0.1", resolve));
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox", "--disable-gpu"] });
    page = await browser.newPage();
    await page.goto(`http://localhost:${built.app.address().port}/`);
  }, 60_000);

  afterAll(async () => {
    await browser?.close();
    await built?.gateway.close();
    await new Promise((resolve) => built?.app.close(resolve));
  });

  /** Waits until the screen shows a line. */
  async function shows(line) {
    await expect.poll(screen, { timeout: 20_000 }).toContain(line);
  }

  /** The lines of the screen and above it. */
  function screen() {
    return page.evaluate(() => {
      const { active } = window.terminal.buffer;
      return Array.from({ length: active.length }, (_, row) => active.getLine(row).translateToString(true));
    });
  }

  async function isConnected() {
    await expect.poll(() => page.textContent("#state"), { timeout: 20_000 }).toBe("connected");
  }

  it("types, and shows what comes back", async () => {
    await isConnected();
    await page.keyboard.type("echo $((40 + 2)) äö€\n");
    await shows("42 äö€");
    await page.keyboard.type("stty size\n");
    await shows("30 100");
  }, 60_000);

  it("comes back after its connection was lost, without loss or repeat", async () => {
    await page.keyboard.type("for i in $(seq 200); do echo line-$i; sleep 0.01; done; echo over\n");
    await shows("line-20");
    await page.evaluate(() => window.disconnect());
    await shows("over");
    await isConnected();
    const numbers = (await screen()).flatMap((line) => /^line-(\d+)$/.exec(line)?.[1] ?? []).map(Number);
    expect(numbers).toEqual(Array.from({ length: 200 }, (_, index) => index + 1));
  }, 60_000);

  it("interrupts, and says how the shell ended", async () => {
    await page.keyboard.type("sh -c 'echo wait-$((40 + 2)); exec sleep 60'\n"); // one process: there is no moment without it
    await shows("wait-42");
    await page.keyboard.press("Control+c");
    await page.keyboard.type("exit 3\n");
    await expect.poll(() => page.textContent("#state"), { timeout: 20_000 }).toBe("ended with 3");
  }, 60_000);
});
