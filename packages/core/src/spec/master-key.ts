/** Gives the master key: 32 bytes in hexadecimal or base64. */
export type FetchMasterKey = () => string | Promise<string>;
