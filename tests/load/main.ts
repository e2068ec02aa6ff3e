import { mkdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { renderReport } from "./report";
import { benchRpc } from "./rpc/rpc-bench";

/** The parts of the bench, in the order in which they run. */
const SECTIONS = { rpc: benchRpc };

/** Where the raw numbers go. */
const JSON_FILE = "out/bench.json";

async function main(): Promise<void> {
  const sections = [];
  for (const [name, bench] of Object.entries(SECTIONS)) {
    process.stderr.write(`bench: ${name}\n`);
    sections.push(await bench());
  }
  await mkdir(dirname(JSON_FILE), { recursive: true });
  await writeFile(JSON_FILE, `${JSON.stringify(sections, undefined, 2)}\n`);
  process.stdout.write(`${renderReport(sections)}\n\nraw numbers: ${JSON_FILE}\n`);
}

void main();
