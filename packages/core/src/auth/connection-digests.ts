import { digestOf } from "./api-key.js";

interface Digested {
  readonly credential: string;
  readonly digest: Buffer;
}

/**
 * The digest of the credential that each connection has brought last. A client library sends the same one with every
 * request of a connection; what is kept goes with the connection.
 */
export class ConnectionDigests {
  readonly #last = new WeakMap<object, Digested>();

  /** @param connection - what stands for the connection; without it nothing is kept */
  of(credential: string, connection: object | undefined): Buffer {
    if (!connection) return digestOf(credential);
    const last = this.#last.get(connection);
    if (last?.credential === credential) return last.digest;
    const digest = digestOf(credential);
    this.#last.set(connection, { credential, digest });
    return digest;
  }
}
