// Runs the emulator until its standard input ends: `node emulator.mjs PACKAGE PORT BASE_URL SEED`.
import { pathToFileURL } from "node:url";

const [place, port, baseUrl, seed] = process.argv.slice(2);
const { createEmulator } = await import(pathToFileURL(`${place}/dist/api.js`));
const emulator = await createEmulator({
  service: "github",
  port: Number(port),
  hostname: "127.0.0.1",
  baseUrl,
  seed: JSON.parse(seed),
});
console.log("ready");
process.stdin.on("end", () => emulator.close().then(() => process.exit(0))).resume();
