import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Recording } from "../recording.js";

/** Writes recordings into a directory, each into a JSON file of its own named for what was asked; gives the paths. */
export async function saveRecordings(recordings: readonly Recording[], directory: string): Promise<string[]> {
  await mkdir(directory, { recursive: true });
  const files = recordings.map((recording, index) => ({
    path: join(directory, `${`${index + 1}`.padStart(2, "0")}-${slug(recording)}.json`),
    text: `${JSON.stringify(recording, null, 2)}\n`,
  }));
  await Promise.all(files.map(({ path, text }) => writeFile(path, text)));
  return files.map(({ path }) => path);
}

function slug({ request, response }: Recording): string {
  const words = `${request.method} ${request.path.replace(/\?.*$/, "")} ${response.status}`;
  return words.toLowerCase().replace(/[^a-z0-9]+/g, "-");
}
