import { totalmem } from "node:os";

/**
 * The resident memory of this process and the most its container gives it, bytes. Without a container there is no limit:
 * the machine's memory is other processes' too.
 */
export function memoryUse(): { readonly used: number; readonly limit: number | null } {
  const constrained = process.constrainedMemory();
  const limit = constrained > 0 && constrained < totalmem() ? constrained : null;
  return { used: process.memoryUsage.rss(), limit };
}
