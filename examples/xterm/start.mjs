import { buildApp } from "./app.mjs";

const { app, gateway } = buildApp();
app.listen(3000, "127.0.0.1", () => console.log("http://localhost:3000"));
process.once("SIGINT", async () => {
  await gateway.close(); // ends what runs in the terminals
  process.exit();
});
