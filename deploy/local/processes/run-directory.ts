import { mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { isSameProcess } from "./process-identity";
import { type ProcessSpec, processSpec } from "./process-spec";
import { writeJsonAtomically } from "./write-json";

/** What is known of a process that was started: enough to recognise and stop it without the one who started it. */
export const processRecord = z.object({
  name: z.string(),
  pid: z.number(),
  startTime: z.string(),
  /** Epoch milliseconds of this start. */
  startedAt: z.number(),
  /** How often it was started since it was last asked for: 1 means that it never ended by itself. */
  starts: z.number(),
  fingerprint: z.string(),
  /** Where its log begins, in bytes; with the attempt before, when that died young. */
  logOffset: z.number(),
  stopSignal: processSpec.shape.stopSignal,
  stopLimitMs: z.number(),
  stopStage: z.number(),
});
export type ProcessRecord = z.infer<typeof processRecord>;

/** The directory in which the supervisor and the commands meet: records of running processes, and their specs. */
export interface RunDirectory {
  readonly path: string;
  readonly lockFile: string;
  writeSpecs(specs: readonly ProcessSpec[]): void;
  /** Empty when none were written yet. */
  readSpecs(): ProcessSpec[];
  writeRecord(record: ProcessRecord): void;
  removeRecord(name: string): void;
  removeAllRecords(): void;
  /** undefined when the process is not running (records of the dead are kept until the next start). */
  running(name: string): ProcessRecord | undefined;
  /** Records of all processes that run. */
  allRunning(): ProcessRecord[];
  /** The last record written for a name, of a live process or not. */
  lastRecord(name: string): ProcessRecord | undefined;
}

/** Opens (and makes) a run directory. */
export function openRunDirectory(path: string): RunDirectory {
  const records = join(path, "processes");
  mkdirSync(records, { recursive: true });
  const recordFile = (name: string) => join(records, `${name}.json`);
  const lastRecord = (name: string) => readJson(recordFile(name), processRecord);
  const running = (name: string) => {
    const record = lastRecord(name);
    return record !== undefined && isSameProcess(record) ? record : undefined;
  };
  return {
    path,
    lockFile: join(path, "supervisor.json"),
    writeSpecs: (specs) => writeJsonAtomically(join(path, "specs.json"), specs),
    readSpecs: () => readJson(join(path, "specs.json"), z.array(processSpec)) ?? [],
    writeRecord: (record) => writeJsonAtomically(recordFile(record.name), record),
    removeRecord: (name) => rmSync(recordFile(name), { force: true }),
    removeAllRecords: () => {
      for (const file of readdirSync(records)) rmSync(join(records, file), { force: true });
    },
    running,
    allRunning: () =>
      readdirSync(records)
        .filter((file) => file.endsWith(".json"))
        .map((file) => running(file.slice(0, -".json".length)))
        .filter((record) => record !== undefined),
    lastRecord,
  };
}

/** undefined when the file is not there or was cut short (written atomically, it is so only after a disk ran full). */
export function readJson<T>(path: string, schema: z.ZodType<T>): T | undefined {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}
