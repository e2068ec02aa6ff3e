import { stackLayout } from "../stack/stack-layout";
import { takeDown } from "../stack/take-down";
import type { CommandContext } from "./command-context";

/** Stops the stack and says what was stopped. */
export async function down({ directory, write }: CommandContext): Promise<void> {
  const stopped = await takeDown(stackLayout(directory));
  write(stopped.length === 0 ? "The stack is not up.\n" : `Stopped ${stopped.join(", ")}.\n`);
}
