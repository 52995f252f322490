const WANTED = [20, 19];

/** Ends with one clear line on a Node.js that is too old. */
export function assertNodeVersion() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major > WANTED[0] || (major === WANTED[0] && minor >= WANTED[1])) return;
  console.error(`Sluice needs Node.js ${WANTED.join(".")} or later; this is ${process.versions.node}.`);
  process.exit(1);
}
