import { z } from "zod";

/** What the process that forked the supervisor tells it, over Node's IPC channel. */
export const supervisorCommand = z.discriminatedUnion("kind", [
  /** Start these processes of the specs on disk. */
  z.object({ kind: z.literal("start"), names: z.array(z.string()) }),
  /** Stop this one and leave it stopped. Answered by `held`. */
  z.object({ kind: z.literal("hold"), name: z.string() }),
  /** Go on when the channel closes. Without it, the end of the caller ends everything. */
  z.object({ kind: z.literal("release") }),
]);
export type SupervisorCommand = z.infer<typeof supervisorCommand>;

/** What the supervisor tells. */
export const supervisorEvent = z.discriminatedUnion("kind", [
  /** It holds the lock and waits for `start`. */
  z.object({ kind: z.literal("locked") }),
  /** Another one holds it; this one ends. */
  z.object({ kind: z.literal("taken"), pid: z.number() }),
  z.object({ kind: z.literal("held"), name: z.string() }),
  z.object({ kind: z.literal("released") }),
]);
export type SupervisorEvent = z.infer<typeof supervisorEvent>;
