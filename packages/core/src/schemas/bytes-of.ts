import { isBase64 } from "../base64.js";
import { GatewayError } from "../errors.js";

/** The bytes that a field stands for. @throws GatewayError `invalid_request` */
export function bytesOf(param: string, text: string, encoding: "utf8" | "base64"): Buffer {
  if (encoding === "utf8") return Buffer.from(text);
  if (isBase64(text)) return Buffer.from(text, "base64");
  throw new GatewayError("invalid_request", { param, details: `${param}: is not base64` });
}
