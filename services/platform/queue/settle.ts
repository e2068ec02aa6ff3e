import type { SpanContext } from "@opentelemetry/api";
import type { ClientBase } from "pg";
import type { JobAttempt, PgBoss } from "pg-boss";
import { withTransaction } from "../postgres/with-transaction";
import { attemptOf, type ClaimedRow, returnedTimes } from "./claim";
import type { QueueBoss } from "./create-boss";
import type { JobFailure } from "./failure";
import { failedOutput, returnedOutput } from "./job-output";
import type { JobPayload, NewJob } from "./job-payload";
import { asDatabase, preparingInserts } from "./pg-boss-connections";

/** A job ready to be inserted beside the end of another. */
export interface PreparedJob extends Pick<NewJob, "id"> {
  queue: string;
  payload: JobPayload<object>;
}

/** How an attempt ended. */
export type Settlement = {
  row: ClaimedRow;
  /** Span of the attempt; undefined when it was another process'. */
  span?: SpanContext;
} & (
  | { kind: "completed"; output: object | undefined; followUps: readonly PreparedJob[] }
  | { kind: "retry"; failure: JobFailure }
  | { kind: "failed"; failure: JobFailure; followUps: readonly PreparedJob[] }
  /** The called service is full: later, at no cost of an attempt. */
  | { kind: "snoozed"; failure: JobFailure; forMs: number }
  /** The process stops: another worker at once, at no cost of an attempt. */
  | { kind: "handed-back" }
);

type CompletedJob = Extract<Settlement, { kind: "completed" }>;

/**
 * Records how attempts ended, and enqueues what follows from it, in one transaction. An attempt that is not the job's
 * current one any more (it was taken over, cancelled, or is settled already) changes nothing and nothing follows from
 * it: so this may be repeated after any error.
 *
 * @returns ids of the jobs that were settled
 */
export async function settle(
  boss: QueueBoss,
  queue: string,
  settlements: readonly Settlement[],
): Promise<ReadonlySet<string>> {
  const [first, ...rest] = settlements;
  if (first?.kind === "completed" && isPlain(first) && rest.every(isPlain)) {
    return settledIds(await boss.complete(queue, settlements.map(attempt)));
  }
  return withTransaction(boss.database.pool, async (client) => {
    const settled = await settleWithin(boss, queue, client, settlements);
    await insertFollowUps(boss, client, settlements, settled);
    return settled;
  });
}

async function settleWithin(
  boss: QueueBoss,
  queue: string,
  client: ClientBase,
  settlements: readonly Settlement[],
): Promise<ReadonlySet<string>> {
  const db = asDatabase(client);
  const settled = new Set<string>();
  const record = (response: object) => {
    for (const id of settledIds(response)) {
      settled.add(id);
    }
  };
  const completed = settlements.filter((settlement) => settlement.kind === "completed");
  if (completed.length > 0) {
    record(await complete(queue, client, completed));
  }
  for (const settlement of settlements) {
    const job = attempt(settlement);
    switch (settlement.kind) {
      case "completed":
        break;
      case "retry":
        record(await boss.fail(queue, job, failedOutput(settlement.failure, settlement.row.output), { db }));
        await correctBackoff(queue, client, settlement.row);
        break;
      case "failed":
        record(await failForGood(boss, queue, client, settlement.row, settlement.failure));
        break;
      case "snoozed":
        record(await handBack(queue, client, settlement.row, settlement));
        break;
      case "handed-back":
        record(await handBack(queue, client, settlement.row, { forMs: 0 }));
        await notify(queue, client, boss.database.channel);
        break;
      default:
        settlement satisfies never;
    }
  }
  return settled;
}

/** Completes jobs in one statement, each with its output; pg-boss's own call has one output for all. */
async function complete(queue: string, client: ClientBase, completed: readonly CompletedJob[]): Promise<object> {
  const jobs = completed.map(({ row, output }) => ({ id: row.id, retry_count: row.retryCount, output }));
  const { rows } = await client.query<{ id: string }>(
    `UPDATE pgboss.job j SET state = 'completed', completed_on = now(), output = ended.output
       FROM json_to_recordset($2) AS ended (id uuid, retry_count int, output jsonb)
      WHERE j.name = $1 AND j.id = ended.id AND j.state = 'active' AND j.retry_count = ended.retry_count
      RETURNING j.id`,
    [queue, JSON.stringify(jobs)],
  );
  return { settled: rows.map((row) => row.id) };
}

/**
 * Fails a job whatever attempts it has left. pg-boss decides by comparing the attempts, so the limit is lowered for as
 * long as its own statement takes; that statement also fills the dead-letter queue.
 */
async function failForGood(
  boss: PgBoss,
  queue: string,
  client: ClientBase,
  { id, retryCount, retryLimit, output }: ClaimedRow,
  failure: JobFailure,
): Promise<object> {
  await client.query(
    `UPDATE pgboss.job SET retry_limit = retry_count
      WHERE name = $1 AND id = $2 AND state = 'active' AND retry_count = $3`,
    [queue, id, retryCount],
  );
  const response = await boss.fail(queue, { id, retryCount }, failedOutput(failure, output), {
    db: asDatabase(client),
  });
  await client.query("UPDATE pgboss.job SET retry_limit = $3 WHERE name = $1 AND id = $2 AND state = 'failed'", [
    queue,
    id,
    retryLimit,
  ]);
  return response;
}

/**
 * Gives an attempt back: the job may run again after `forMs`, and the attempt does not count. pg-boss has no such call.
 */
async function handBack(
  queue: string,
  client: ClientBase,
  { id, retryCount, output }: ClaimedRow,
  { forMs, failure }: { forMs: number; failure?: JobFailure },
): Promise<object> {
  const { rows } = await client.query<{ id: string }>(
    `UPDATE pgboss.job SET state = 'retry', retry_limit = retry_limit + 1, heartbeat_on = NULL, output = $5,
            start_after = now() + $4 * interval '1 millisecond'
      WHERE name = $1 AND id = $2 AND state = 'active' AND retry_count = $3
      RETURNING id`,
    [queue, id, retryCount, forMs, JSON.stringify(returnedOutput(failure ? "full" : "stopping", failure, output))],
  );
  return { settled: rows.map((row) => row.id) };
}

async function notify(queue: string, client: ClientBase, channel: string | undefined): Promise<void> {
  if (channel !== undefined) {
    await client.query("SELECT pg_notify($1, $2)", [channel, queue]);
  }
}

/**
 * pg-boss's wait before the next attempt grows with every fetch. Where attempts were handed back, it is made what it would
 * be without them.
 */
async function correctBackoff(queue: string, client: ClientBase, row: ClaimedRow): Promise<void> {
  if (returnedTimes(row) === 0) {
    return;
  }
  await client.query(
    `UPDATE pgboss.job SET start_after = now() +
            LEAST(retry_delay_max, GREATEST(retry_delay, 1) * 2 ^ (LEAST(16, $4::int) - 1) * (1 + random())) * interval '1s'
      WHERE name = $1 AND id = $2 AND state = 'retry' AND retry_count = $3`,
    [queue, row.id, row.retryCount, attemptOf(row)],
  );
}

async function insertFollowUps(
  boss: PgBoss,
  client: ClientBase,
  settlements: readonly Settlement[],
  settled: ReadonlySet<string>,
): Promise<void> {
  const byQueue = new Map<string, { id: string; data: JobPayload<object> }[]>();
  for (const settlement of settlements) {
    if (!("followUps" in settlement) || !settled.has(settlement.row.id)) {
      continue;
    }
    for (const { queue, id, payload } of settlement.followUps) {
      const jobs = byQueue.get(queue) ?? [];
      jobs.push({ id, data: payload });
      byQueue.set(queue, jobs);
    }
  }
  for (const [queue, jobs] of byQueue) {
    await boss.insert(queue, jobs, { db: preparingInserts(client, queue) });
  }
}

/** Whether completing is all there is to it: no output, nothing that follows. */
function isPlain(settlement: Settlement): boolean {
  return settlement.kind === "completed" && settlement.output === undefined && settlement.followUps.length === 0;
}

function attempt({ row: { id, retryCount } }: Settlement): JobAttempt {
  return { id, retryCount };
}

/** pg-boss tells which jobs a statement settled, though its types do not. */
export function settledIds(response: object): ReadonlySet<string> {
  return new Set("settled" in response && Array.isArray(response.settled) ? response.settled : []);
}
