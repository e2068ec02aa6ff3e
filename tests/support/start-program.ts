import { spawn } from "node:child_process";
import { once } from "node:events";
import { vi } from "vitest";

/** A program that runs until it is stopped. */
export interface StartedProgram {
  stop(): Promise<void>;
}

/**
 * Starts a server and waits until it is ready.
 *
 * @param readyUrl answers 200 once it is.
 * @throws Error with what it wrote when it ends or does not get ready.
 */
export async function startProgram(
  program: string,
  args: readonly string[],
  readyUrl: string,
): Promise<StartedProgram> {
  const child = spawn(program, args, { stdio: ["ignore", "ignore", "pipe"] });
  let written = "";
  child.stderr.on("data", (chunk: Buffer) => {
    written = `${written}${chunk.toString()}`.slice(-4_000);
  });
  const ended = once(child, "close");
  // A test that ends without stop() takes the program with it.
  const kill = () => child.kill("SIGKILL");
  process.once("exit", kill);
  const stop = async () => {
    process.off("exit", kill);
    child.kill("SIGTERM");
    await ended;
  };
  try {
    await vi.waitFor(
      async () => {
        if (!(await fetch(readyUrl)).ok) throw new Error(`${readyUrl} is not ready`);
      },
      { timeout: 20_000, interval: 100 },
    );
  } catch (error) {
    await stop();
    throw new Error(`${program} does not get ready: ${written}`, { cause: error });
  }
  return { stop };
}
