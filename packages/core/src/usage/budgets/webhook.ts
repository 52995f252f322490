import { createHmac } from "node:crypto";
import { type Clock, delay } from "../../clock.js";
import type { Alert } from "../../schemas/budget.js";
import type { Logger } from "../../spec/logger.js";

/** Where alerts are sent. */
export interface WebhookOptions {
  readonly url: string;
  readonly secret: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

const TRIES = 3;
const TIMEOUT_MS = 5_000;
const WAIT_MS = 2_000;

/**
 * Sends alerts as JSON, signed: `x-sluice-signature: t=<seconds>,v1=<hex>`, where the second is the HMAC-SHA256 of
 * `<seconds>.<body>` by the secret. Redirects are not followed.
 */
export function alertWebhook({ url, secret, clock, logger }: WebhookOptions): (alert: Alert) => void {
  async function send(alert: Alert): Promise<void> {
    const body = JSON.stringify({ type: "cost-alert", alert });
    for (let made = 1; ; made++) {
      const seconds = Math.floor(clock.now() / 1_000);
      const signature = createHmac("sha256", secret).update(`${seconds}.${body}`).digest("hex");
      const headers = { "content-type": "application/json", "x-sluice-signature": `t=${seconds},v1=${signature}` };
      try {
        const signal = AbortSignal.timeout(TIMEOUT_MS);
        const answer = await fetch(url, { method: "POST", headers, body, redirect: "error", signal });
        await answer.body?.cancel();
        if (answer.ok) return;
        throw new Error(`the webhook answered ${answer.status}`);
      } catch (error) {
        if (made === TRIES) return logger.error({ err: error, alert: alert.id }, "an alert could not be sent");
        await delay(clock, WAIT_MS * made, new AbortController().signal);
      }
    }
  }
  return (alert) => void send(alert);
}
