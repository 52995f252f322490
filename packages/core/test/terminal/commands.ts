import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** Where a program is, also one that only root has in its path; null when it is not installed. */
export function findProgram(name: string): string | null {
  const folders = [...(process.env.PATH ?? "").split(delimiter), "/usr/sbin", "/sbin"];
  return folders.map((folder) => join(folder, name)).find(isExecutable) ?? null;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Making users, which logging in needs, is for root alone. */
export const isRoot = process.getuid?.() === 0;
