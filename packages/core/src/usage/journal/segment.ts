import * as fs from "node:fs";
import { join } from "node:path";

const NAME = /^usage-(\d{10})\.log$/;

/** One file of the journal. It goes when every row in it is in the store, and every call sent in it has ended. */
export interface Segment {
  readonly number: number;
  readonly path: string;
  bytes: number;
  /** Rows in it that the store has not taken yet. */
  rows: number;
  /** Calls sent in it that have not ended. */
  open: number;
  /** Whether some of its rows are nowhere but in the file, and have to be read back. */
  unread: boolean;
  /** Whether there is something in it that this version cannot read; it is left for somebody who can. */
  broken: boolean;
}

/** What the journal asks of a file system; a test may bring one that is full. */
export type JournalFiles = Pick<
  typeof fs,
  | "mkdirSync"
  | "readdirSync"
  | "openSync"
  | "closeSync"
  | "writeSync"
  | "fdatasync"
  | "fsyncSync"
  | "statSync"
  | "createReadStream"
  | "rmSync"
>;

/** The segments in a directory, oldest first. */
export function findSegments(directory: string, files: JournalFiles): Segment[] {
  return files
    .readdirSync(directory)
    .flatMap((name) => {
      const number = NAME.exec(name)?.[1];
      if (number === undefined) return [];
      const path = join(directory, name);
      return [
        {
          number: Number(number),
          path,
          bytes: files.statSync(path).size,
          rows: 0,
          open: 0,
          unread: true,
          broken: false,
        },
      ];
    })
    .sort((one, other) => one.number - other.number);
}

/** A segment that is not there yet. */
export function newSegment(directory: string, number: number): Segment {
  const path = join(directory, `usage-${String(number).padStart(10, "0")}.log`);
  return { number, path, bytes: 0, rows: 0, open: 0, unread: false, broken: false };
}

export const realFiles: JournalFiles = fs;
