const WIDTH = 30;

/** Shows how far a long work has come, on standard error and only where a person looks. */
export function progressBar(total: number, stream: NodeJS.WriteStream = process.stderr): (done: number) => void {
  if (!stream.isTTY) return () => {};
  return (done) => {
    const filled = Math.round((done / total) * WIDTH);
    stream.write(
      `\r  ${"█".repeat(filled)}${"░".repeat(WIDTH - filled)} ${done}/${total}${done === total ? "\n" : ""}`,
    );
  };
}
