import { createHash } from "node:crypto";
import { z } from "zod";

/** What the supervisor runs: one process. Kept on disk, so that a restart uses what the last `up` decided. */
export const processSpec = z.object({
  name: z.string(),
  command: z.string(),
  args: z.array(z.string()),
  /** Added to the environment of the supervisor. */
  env: z.record(z.string(), z.string()),
  spawnAs: z.object({ uid: z.number(), gid: z.number() }).optional(),
  /** The signal that asks for a graceful end. */
  stopSignal: z.enum(["SIGTERM", "SIGINT"]),
  /** Time for it before SIGKILL. */
  stopLimitMs: z.number(),
  /** Lower stages stop first, and have ended before the next stage is asked to. */
  stopStage: z.number(),
  /** Of the program's files: changes when they are built anew. */
  codeStamp: z.string(),
});
export type ProcessSpec = z.infer<typeof processSpec>;

/** Equal for equal specs: tells whether a running process is what an `up` would start now. */
export function fingerprint(spec: ProcessSpec): string {
  // Parsed, it has its properties in one order, whether it was read from disk or just made.
  return createHash("sha256")
    .update(JSON.stringify(processSpec.parse(spec)))
    .digest("hex");
}
