import type { Meter } from "@opentelemetry/api";
import { recordLog } from "../../../../tests/support/record-log";
import { createTestDatabase } from "../../../../tests/support/test-database";
import { createBoss, type QueueBoss } from "../create-boss";
import { deadLetterOf, ensureQueues, type QueueDefinition } from "../queue-definition";
import type { Worker } from "../work";

/** Queues in a database of their own. */
export interface TestQueues {
  readonly boss: QueueBoss;
  readonly url: string;
  readonly logger: ReturnType<typeof recordLog>["logger"];
  /** Log lines, JSON. */
  readonly lines: string[];
  /** A further process, as far as the database can tell. Stopped with the others. */
  another(): Promise<QueueBoss>;
  /** Stops a worker with the rest. */
  track(worker: Worker): Worker;
  /** Stops the workers, not the queues. */
  stopWorkers(): Promise<void>;
  stop(): Promise<void>;
}

/** A queue with a dead-letter queue, two attempts after the first, and short waits. */
export function testQueue(name: string, overrides: Partial<QueueDefinition> = {}): QueueDefinition {
  return {
    name,
    deadLetter: deadLetterOf(name),
    retryLimit: 2,
    retryDelaySeconds: 1,
    retryDelayMaxSeconds: 1,
    ...overrides,
  };
}

/** Creates a database with these queues. Call `stop()` in afterAll. */
export async function startQueues(definitions: readonly QueueDefinition[], meter?: Meter): Promise<TestQueues> {
  const database = await createTestDatabase();
  const { logger, lines } = recordLog();
  const bosses: QueueBoss[] = [];
  const workers: Worker[] = [];
  const another = async () => {
    const boss = createBoss({
      connectionString: database.url,
      applicationName: "queue-test",
      poolMax: 10,
      logger,
      ...(meter !== undefined && { meter }),
    });
    bosses.push(boss);
    await boss.start();
    return boss;
  };
  const stopWorkers = async () => {
    await Promise.all(workers.splice(0).map((worker) => worker.stop()));
  };
  const boss = await another();
  await ensureQueues(boss, definitions);
  return {
    boss,
    url: database.url,
    logger,
    lines,
    another,
    track: (worker) => {
      workers.push(worker);
      return worker;
    },
    stopWorkers,
    stop: async () => {
      await stopWorkers();
      await Promise.all(bosses.map((one) => one.stop()));
      await database.drop();
    },
  };
}
