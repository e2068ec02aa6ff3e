import type { EngineAnswer } from "./docker/docker-engine";
import { StackError } from "./local/stack/stack-error";

/** The two ways to run the stack: in containers, and as processes of this machine. */
export const STACK_KINDS = ["docker", "local"] as const;

/** How the stack is run. */
export type StackKind = (typeof STACK_KINDS)[number];

/** What the choice depends on. */
export interface StackChoice {
  /** STACK of the environment. */
  readonly wanted: string | undefined;
  /** The stack of this checkout that is up. */
  readonly running: StackKind | undefined;
  /** Asks for a Docker engine; called only when it matters. */
  readonly askEngine: () => Promise<EngineAnswer>;
}

/**
 * Decides how the stack is run: as STACK says, else as it runs already, else in containers where a Docker engine answers.
 *
 * @throws StackError when STACK is neither `docker` nor `local`.
 */
export async function chooseStack({ wanted, running, askEngine }: StackChoice): Promise<StackKind> {
  if (wanted !== undefined && wanted !== "") {
    const kind = STACK_KINDS.find((candidate) => candidate === wanted);
    if (kind === undefined) throw new StackError(`STACK is "${wanted}": must be docker or local`);
    return kind;
  }
  if (running !== undefined) return running;
  return (await askEngine()).kind === "engine" ? "docker" : "local";
}
