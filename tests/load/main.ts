import { mkdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { withBenchStack } from "./bench-stack";
import { benchConversions } from "./conversions-bench";
import { benchFootprint } from "./footprint-bench";
import { benchHistory } from "./history-bench";
import { renderReport } from "./report";
import { benchRpc } from "./rpc/rpc-bench";
import { benchTelemetry } from "./telemetry-bench";
import { benchUsers } from "./users-bench";

/** Where the raw numbers go. */
const JSON_FILE = "out/bench.json";

function announce(part: string): void {
  process.stderr.write(`bench: ${part}\n`);
}

async function main(): Promise<void> {
  announce("unary RPC");
  const rpc = await benchRpc();
  announce("cost of telemetry");
  const telemetry = await benchTelemetry();
  const flows = await withBenchStack(async (stack) => {
    announce("users");
    const users = await benchUsers(stack);
    announce("conversions");
    const conversions = await benchConversions(stack);
    announce("history of jobs");
    const history = await benchHistory(stack);
    announce("footprint");
    // The last: it stops the stack.
    return [users, conversions, history, await benchFootprint(stack)];
  });
  const sections = [rpc, telemetry, ...flows];
  await mkdir(dirname(JSON_FILE), { recursive: true });
  await writeFile(JSON_FILE, `${JSON.stringify(sections, undefined, 2)}\n`);
  process.stdout.write(`${renderReport(sections)}\n\nraw numbers: ${JSON_FILE}\n`);
}

void main();
