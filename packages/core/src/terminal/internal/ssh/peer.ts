import type * as ssh2 from "ssh2";
import { requirePeer } from "../../../require-peer.js";

/** The library that speaks SSH. */
export type Ssh2 = typeof ssh2;

/** @throws GatewayError `not_installed` */
export function loadSsh2(): Ssh2 {
  return requirePeer("ssh2", "an SSH terminal") as Ssh2; // the package's own types describe what it exports
}
