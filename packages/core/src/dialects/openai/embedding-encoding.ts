/** Floats of four bytes, little-endian: what OpenAI's base64 form holds. */
const FLOAT_BYTES = 4;

/**
 * An embeddings answer in the encoding that was asked for. OpenAI's libraries ask for base64 by themselves and decode it;
 * many servers ignore that, and a few know nothing else. An answer that is right keeps its bytes.
 */
export function inEncoding(
  answer: Readonly<Record<string, unknown>>,
  bytes: Buffer,
  request: { readonly encoding_format?: unknown },
): Buffer | string {
  const { data } = answer;
  if (!Array.isArray(data)) return bytes;
  const convert = request.encoding_format === "base64" ? toBase64 : toFloats;
  let changed = false;
  const items = data.map((item: unknown) => {
    if (typeof item !== "object" || item === null || !("embedding" in item)) return item;
    const embedding = convert(item.embedding);
    if (embedding !== item.embedding) changed = true;
    return { ...item, embedding };
  });
  return changed ? JSON.stringify({ ...answer, data: items }) : bytes;
}

function toBase64(embedding: unknown): unknown {
  if (!Array.isArray(embedding)) return embedding;
  const bytes = Buffer.alloc(embedding.length * FLOAT_BYTES);
  for (const [index, value] of embedding.entries()) bytes.writeFloatLE(Number(value), index * FLOAT_BYTES);
  return bytes.toString("base64");
}

function toFloats(embedding: unknown): unknown {
  if (typeof embedding !== "string") return embedding;
  const bytes = Buffer.from(embedding, "base64");
  return Array.from({ length: Math.floor(bytes.length / FLOAT_BYTES) }, (_, index) =>
    bytes.readFloatLE(index * FLOAT_BYTES),
  );
}
