import { Pool } from "pg";
import type { LocalStack } from "../../deploy/local/stack/start-stack";
import type { EventFilter } from "../../services/job/history/event-filter";
import { eventsOfJob, searchEvents } from "../../services/job/history/event-rows";
import { explainSearch, type Search } from "../../services/job/history/testing/explain-search";
import { fillHistory } from "../../services/job/history/testing/fill-history";
import { type BenchRow, type BenchSection, judge } from "./report";
import { median } from "./statistics";

const EVENTS = 1_000_000;
const DAYS = 30;
const ROUNDS = 7;
const PAGE = 51;
const AIM_MS = 100;

/** Searches of the history of jobs among a million events, each as the job service asks it. */
export async function benchHistory(stack: LocalStack): Promise<BenchSection> {
  const pool = new Pool({ connectionString: stack.databaseUrl("job"), max: 1 });
  try {
    const { rareActor, rareClass, userId } = await fillHistory(pool, EVENTS, DAYS);
    const { rows: some } = await pool.query<{ id: string }>(
      "SELECT job_id AS id FROM job_events OFFSET 500000 LIMIT 1",
    );
    const searches: [string, Search][] = [
      ["all, newest first", {}],
      ["a common type", { types: ["completed"] }],
      ["a rare type", { types: ["cancelled"] }],
      ["two types in a queue", { types: ["failed", "expired"], queue: "image-conversion" }],
      ["a rare queue", { queue: "email-dead" }],
      ["a common error class", { errorClass: "object_store_timeout" }],
      ["a rare error class", { errorClass: rareClass }],
      ["a common error text", { errorText: "does not answer" }],
      ["a rare error text", { errorText: "100% of quota" }],
      ["a rare attempt", { attempt: 7 }],
      ["a worker", { actor: "worker:job-1/1" }],
      ["what a user cancelled in 30 days", { types: ["cancelled"], actor: rareActor, withinSeconds: 30 * 86_400 }],
      ["a user's jobs", { userId }],
      ["a type and an actor that never meet", { types: ["cancelled"], actor: "worker:job-1/1" }],
      ["an hour of long ago", { since: hoursAgo(20 * 24 + 1), until: hoursAgo(20 * 24) }],
      ["a job", { jobId: some[0]?.id ?? "" }],
    ];
    const rows: BenchRow[] = [];
    const data: object[] = [];
    for (const [what, search] of searches) {
      const tookMs: number[] = [];
      for (let round = 0; round < ROUNDS; round += 1) tookMs.push(await timed(() => ask(pool, search)));
      const plan = await explainSearch(pool, search);
      const worst = Math.max(...tookMs);
      rows.push({
        what,
        value: `${median(tookMs).toFixed(1)} ms, at worst ${worst.toFixed(1)} ms; ${plan.rowsRead} rows read`,
        aim: `< ${AIM_MS} ms`,
        verdict: judge(worst < AIM_MS, false),
      });
      data.push({ what, tookMs, plan });
    }
    return { title: `history of jobs, ${EVENTS / 1e6} million events of ${DAYS} days`, rows, data };
  } finally {
    await pool.end();
  }
}

async function ask(pool: Pool, search: Search): Promise<void> {
  await ("jobId" in search
    ? eventsOfJob(pool, search.jobId)
    : searchEvents(pool, { types: [], ...search } satisfies EventFilter, { limit: PAGE }));
}

async function timed(act: () => Promise<void>): Promise<number> {
  const beganMs = performance.now();
  await act();
  return performance.now() - beganMs;
}

/** Microseconds since the epoch. */
function hoursAgo(hours: number): bigint {
  return BigInt(Date.now() - hours * 3_600_000) * 1_000n;
}
