// Runs the emulator until its standard input ends, and says where it is: `node emulator.mjs PACKAGE SEED`.
import { pathToFileURL } from "node:url";

const [place, seed] = process.argv.slice(2);
const { createEmulator } = await import(pathToFileURL(`${place}/dist/api.js`));
const emulator = await createEmulator({ service: "github", port: 0, hostname: "127.0.0.1", seed: JSON.parse(seed) });
console.log(emulator.url);
process.stdin.on("end", () => emulator.close().then(() => process.exit(0))).resume();
