import { expect } from "vitest";
import { CALLBACK_QUEUE, queueDefinitions } from "../../../services/job/queues";
import type { WorkerContext } from "../../../services/job/worker-context";
import { createBoss } from "../../../services/platform/queue/create-boss";
import { enqueue } from "../../../services/platform/queue/enqueue";
import { ensureQueues } from "../../../services/platform/queue/queue-definition";
import type { FollowUp } from "../../../services/platform/queue/queued-job";
import type { Worker } from "../../../services/platform/queue/work";
import { createTransport } from "../../../services/platform/twirp/client/create-transport";
import { createTestAuthFiles } from "../../support/auth-files";
import { recordLog } from "../../support/record-log";
import { createTestDatabase } from "../../support/test-database";

/** What a job came to: its state, what it stored, and the callbacks that it ordered. */
export interface JobOutcome {
  state: string;
  output: Record<string, unknown> | null;
  callbacks: number;
}

/** The job service's workers on queues of their own. */
export interface JobConsumer {
  /** Runs a worker on one job against a service at `url`, until the job is settled for now. */
  run(
    worker: readonly [(context: WorkerContext) => Promise<Worker>, "email" | "image" | "user"],
    url: string,
    job: Pick<FollowUp, "queue" | "id" | "data">,
  ): Promise<JobOutcome>;
  /** Removes all jobs. */
  clear(): Promise<void>;
  stop(): Promise<void>;
}

/** Creates the queues in a database of its own. */
export async function startJobConsumer(): Promise<JobConsumer> {
  const { logger } = recordLog();
  const cleanUps: (() => Promise<void>)[] = [];
  const auth = await createTestAuthFiles((_, remove) => cleanUps.push(remove));
  const database = await createTestDatabase();
  const boss = createBoss({ connectionString: database.url, applicationName: "job-test", poolMax: 6, logger });
  await boss.start();
  await ensureQueues(
    boss,
    queueDefinitions({
      emailMaxAttempts: 3,
      imageConversionMaxAttempts: 3,
      callbackMaxAttempts: 3,
      retryDelaySeconds: 60,
      retryDelayMaxSeconds: 60,
      jobRetentionDays: 1,
    }),
  );
  const outcomeOf = async (queue: string, id: string): Promise<JobOutcome> => {
    const { rows } = await boss.database.pool.query<JobOutcome>(
      `SELECT state, output, (SELECT count(*)::int FROM pgboss.job c WHERE c.name = $3 AND c.name <> $1) AS callbacks
       FROM pgboss.job WHERE name = $1 AND id = $2`,
      [queue, id, CALLBACK_QUEUE],
    );
    return rows[0] ?? { state: "none", output: null, callbacks: 0 };
  };

  return {
    async run([startWorker, called], url, { queue, id, data }) {
      const authorization = async () => `Bearer ${await auth.serviceToken("job", called)}`;
      const transport = createTransport({ baseUrl: url, target: called, maxAttempts: 1, authorization });
      await enqueue(boss, queue, { id, data });
      const settings = { concurrency: 1, attemptTimeoutMs: 10_000, drainTimeoutMs: 200 };
      const worker = await startWorker({ boss, transport, logger, settings });
      try {
        await expect.poll(async () => (await outcomeOf(queue, id)).state).toMatch(/^(completed|failed|retry)$/);
        return await outcomeOf(queue, id);
      } finally {
        await worker.stop();
        transport.close();
      }
    },
    async clear() {
      await boss.database.pool.query("DELETE FROM pgboss.job");
    },
    async stop() {
      await boss.stop();
      await database.drop();
      for (const cleanUp of cleanUps) await cleanUp();
    },
  };
}
