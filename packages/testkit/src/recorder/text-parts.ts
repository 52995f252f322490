/** Bytes as text, a part for each chunk; null where they are no UTF-8. A character cut in two goes to the later part. */
export function textParts(chunks: readonly Uint8Array[]): string[] | null {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  try {
    const parts = chunks.map((chunk) => decoder.decode(chunk, { stream: true }));
    return [...parts, decoder.decode()].filter((part) => part !== "");
  } catch {
    return null;
  }
}
