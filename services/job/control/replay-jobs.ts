import { createHash } from "node:crypto";
import type { ClientBase } from "pg";
import { Timestamp } from "../../../gen/twirp/google/protobuf/timestamp";
import { ReplayedJob, ReplayJobsResponse } from "../../../gen/twirp/mcsv/v1/job";
import { deterministicId } from "../../platform/ids/deterministic-id";
import { withTransaction } from "../../platform/postgres/with-transaction";
import type { QueueBoss } from "../../platform/queue/create-boss";
import { readFailure } from "../../platform/queue/job-output";
import { asDatabase } from "../../platform/queue/pg-boss-connections";
import { captureTrace } from "../../platform/telemetry/trace-carrier";
import { alreadyExists } from "../../platform/twirp/errors";
import type { EventFilter } from "../history/event-filter";
import { type Act, actAs } from "./acting";
import { forgetDeadLetters } from "./forget-dead-letters";
import { type Candidate, findCandidates, whyNot } from "./replay-candidates";

/** What to replay, checked. */
export interface Replay {
  /** "" for a dry run. */
  requestKey: string;
  filter: EventFilter;
  dryRun: boolean;
  limit: number;
  ratePerSecond: number;
}

/** Jobs that were passed over are told no further than this. */
const MAX_SKIPPED = 1_000;

/**
 * Makes a new job of each job that a search finds and that failed for good, spread over time. The same request key
 * makes them once, and gets the same answer again.
 *
 * @throws TwirpError already_exists with meta.argument = "request_key" when the key stands for another request
 */
export async function replayJobs(boss: QueueBoss, replay: Replay, act: Act): Promise<ReplayJobsResponse> {
  return await withTransaction(boss.database.pool, async (client) => {
    await actAs(client, act);
    if (replay.dryRun) {
      return plan(await findCandidates(client, replay.filter), replay, new Date()).answer;
    }
    const earlier = await claimKey(client, replay, act);
    if (earlier !== undefined) {
      return earlier;
    }
    const { chosen, answer } = plan(await findCandidates(client, replay.filter), replay, new Date());
    await insertReplays(boss, client, chosen);
    await forgetDeadLetters(
      client,
      chosen.map(({ from }) => from.id),
    );
    await client.query("UPDATE replays SET answer = $2 WHERE request_key = $1", [
      replay.requestKey,
      ReplayJobsResponse.toJsonString(answer),
    ]);
    return answer;
  });
}

interface Chosen {
  from: Candidate;
  to: string;
  runAt: Date;
}

/** Decides about each job, the one that failed first coming first. */
function plan(candidates: readonly Candidate[], { requestKey, dryRun, limit, ratePerSecond }: Replay, now: Date) {
  const answer = ReplayJobsResponse.create(dryRun ? {} : { replayedAt: Timestamp.fromDate(now) });
  const chosen: Chosen[] = [];
  for (const from of candidates) {
    const reason = whyNot(from);
    if (reason !== undefined) {
      if (answer.skipped.length < MAX_SKIPPED) {
        answer.skipped.push({ jobId: from.id, reason });
      }
    } else if (chosen.length === limit) {
      answer.more = true;
    } else {
      const to = deterministicId("replay", requestKey, from.id);
      const runAt = new Date(now.getTime() + Math.floor(chosen.length / ratePerSecond) * 1_000);
      chosen.push({ from, to, runAt });
      const failure = readFailure(from.output);
      answer.jobs.push(
        ReplayedJob.create({
          fromJobId: from.id,
          toJobId: dryRun ? "" : to,
          queue: from.queue ?? "",
          userId: from.data?.data?.userId ?? "",
          runAt: Timestamp.fromDate(runAt),
          ...(failure !== undefined && { failure, errorClass: failure.cause ?? failure.code }),
        }),
      );
    }
  }
  return { chosen, answer };
}

/** Takes the key, or returns the answer that it got before. Others with the same key wait for this transaction. */
async function claimKey(
  client: ClientBase,
  replay: Replay,
  { actor, reason }: Act,
): Promise<ReplayJobsResponse | undefined> {
  const hash = contentHash(replay, reason);
  const { rowCount } = await client.query(
    "INSERT INTO replays (request_key, content_hash, actor, answer) VALUES ($1, $2, $3, '{}') ON CONFLICT DO NOTHING",
    [replay.requestKey, hash, actor],
  );
  if (rowCount === 1) {
    return undefined;
  }
  const { rows } = await client.query<{ hash: string; answer: string }>(
    "SELECT content_hash AS hash, answer::text AS answer FROM replays WHERE request_key = $1",
    [replay.requestKey],
  );
  if (rows[0]?.hash !== hash) {
    throw alreadyExists("request_key", "the request key stands for another request");
  }
  return ReplayJobsResponse.fromJsonString(rows[0].answer);
}

async function insertReplays(boss: QueueBoss, client: ClientBase, chosen: readonly Chosen[]): Promise<void> {
  const trace = captureTrace();
  for (const [queue, jobs] of Map.groupBy(chosen, ({ from }) => from.queue ?? "")) {
    await boss.insert(
      queue,
      jobs.map(({ from, to, runAt }) => ({
        id: to,
        priority: from.priority ?? 0,
        startAfter: runAt,
        data: {
          ...from.data,
          trace,
          data: { ...from.data?.data, replayOf: from.id, originId: from.data?.data?.originId ?? from.id },
        },
      })),
      { db: asDatabase(client) },
    );
  }
}

function contentHash({ filter, limit, ratePerSecond }: Replay, reason: string): string {
  const content = JSON.stringify([filter, limit, ratePerSecond, reason], (_, value: unknown) =>
    typeof value === "bigint" ? value.toString() : value,
  );
  return createHash("sha256").update(content).digest("base64url");
}
