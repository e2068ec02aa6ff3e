import { mkdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { DRILLS } from "./drills/all-drills";
import { makePictures } from "./load/pictures";
import { renderLine, renderReport } from "./report";
import { type DrillReport, isPassed, runDrill } from "./run-drill";

/** Where the raw findings go. */
const JSON_FILE = "out/chaos.json";

/** `node dist/tests/chaos/main.js [drill...]`: all drills unless some are named. Exits 1 when one is not passed. */
async function main(names: readonly string[]): Promise<void> {
  const unknown = names.filter((name) => !DRILLS.some((drill) => drill.name === name));
  if (unknown.length > 0) {
    process.stderr.write(
      `no drill ${unknown.join(", ")}; there are:\n${DRILLS.map(({ name }) => `  ${name}\n`).join("")}`,
    );
    process.exitCode = 2;
    return;
  }
  const chosen = DRILLS.filter(({ name }) => names.length === 0 || names.includes(name));
  const interrupted = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => interrupted.abort(new Error(`ended by ${signal}`)));
  }
  const pictures = await makePictures();
  const reports: DrillReport[] = [];
  for (const drill of chosen) {
    process.stderr.write(`${drill.name} ...\n`);
    const report = await runDrill(drill, pictures, interrupted.signal);
    reports.push(report);
    process.stderr.write(`${renderLine(report)}\n`);
  }
  await mkdir(dirname(JSON_FILE), { recursive: true });
  await writeFile(JSON_FILE, `${JSON.stringify(reports, undefined, 2)}\n`);
  process.stdout.write(`${renderReport(reports)}\n\nraw findings: ${JSON_FILE}\n`);
  if (!reports.every(isPassed)) process.exitCode = 1;
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  // What is under way of a drill that was ended may not hold up the end.
  process.exit(1);
});
