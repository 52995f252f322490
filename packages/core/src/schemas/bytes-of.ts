import { GatewayError } from "../errors.js";

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=?)?$/;

/** The bytes that a field stands for. @throws GatewayError `invalid_request` */
export function bytesOf(param: string, text: string, encoding: "utf8" | "base64"): Buffer {
  if (encoding === "utf8") return Buffer.from(text);
  if (BASE64.test(text)) return Buffer.from(text, "base64");
  throw new GatewayError("invalid_request", { param, details: `${param}: is not base64` });
}
