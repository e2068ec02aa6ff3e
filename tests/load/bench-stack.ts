import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type LocalStack, startStack } from "../../deploy/local/stack/start-stack";

/** A stack of the bench's own, in a temporary directory; removed when `use` is over, whatever became of it. */
export async function withBenchStack<T>(use: (stack: LocalStack) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), "mcsv-bench-"));
  try {
    // Enough to keep every callback of the bench, and to admit as many calls as it can make.
    const env = {
      client: { EVENTS_CAPACITY: "1000000" },
      user: { RATE_LIMIT_APPLICATION_PER_SECOND: "1000000", RATE_LIMIT_APPLICATION_BURST: "1000000" },
    };
    const stack = await startStack({ directory, durable: true, env });
    try {
      return await use(stack);
    } finally {
      await stack.stop();
    }
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
