/** Answers the calls of the process that started this one, and ends with it. */
export function answerCommands(handlers) {
  process.on("message", async ({ id, name, input }) => {
    try {
      process.send({ id, result: await handlers[name](input) });
    } catch (error) {
      process.send({ id, error: String(error?.stack ?? error) });
    }
  });
  process.on("disconnect", () => process.exit(0));
}

/** Says on stdout that this process serves, and where. */
export function announce(facts) {
  console.log(JSON.stringify(facts));
}
