import express5 from "express";
import express4 from "express4";

/** Both versions, by name, for `describe.each`. */
export const versions = [
  ["Express 4", express4],
  ["Express 5", express5],
] as const;
