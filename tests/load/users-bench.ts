import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import pMap from "p-map";
import type { LocalStack } from "../../deploy/local/stack/start-stack";
import { UserServiceClientProtobuf } from "../../gen/twirp/mcsv/v1/user.twirp";
import { createTransport } from "../../services/platform/twirp/client/create-transport";
import { type Callback, collectCallbacks } from "../support/callbacks";
import { type BenchSection, judge } from "./report";
import { median, NOISY_SPREAD, percentile, spread } from "./statistics";

const WARM_UP_USERS = 200;
const ROUNDS = 3;
const USERS_A_ROUND = 600;
const CONCURRENCY = 32;
const LIGHT_USERS = 100;
const LIGHT_INTERVAL_MS = 100;
const PATIENCE_MS = 60_000;

const AIM_USERS_PER_SECOND = 100;
const AIM_P50_MS = 150;

interface Accepted {
  readonly jobId: string;
  readonly atMs: number;
}

/** Users from CreateUser to the callback of their welcome mail: as many as go through, and how fast at a light load. */
export async function benchUsers(stack: LocalStack): Promise<BenchSection> {
  const authorization = () => Promise.resolve(`Bearer ${stack.auth.apiKey}`);
  const transport = createTransport({
    baseUrl: stack.urls.user,
    target: "user",
    maxSockets: CONCURRENCY,
    authorization,
  });
  const users = new UserServiceClientProtobuf(transport.with({ idempotent: true }));
  const createUser = async (): Promise<Accepted> => {
    const request = { idempotencyKey: randomUUID(), email: `${randomUUID()}@example.com`, name: "Ada Lovelace" };
    const { user } = await users.CreateUser(request);
    return { jobId: user?.welcomeJobId ?? "", atMs: Date.now() };
  };
  try {
    await sustained(stack, createUser, WARM_UP_USERS);
    const rates: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) rates.push(await sustained(stack, createUser, USERS_A_ROUND));
    const latenciesMs = await lightly(stack, createUser);
    return report(rates, latenciesMs);
  } finally {
    transport.close();
  }
}

/** Users a second, from the first request to the last callback. */
async function sustained(stack: LocalStack, createUser: () => Promise<Accepted>, count: number): Promise<number> {
  const beganMs = performance.now();
  const accepted = await pMap(Array.from({ length: count }), createUser, { concurrency: CONCURRENCY });
  await callbacksOf(stack, accepted);
  return count / ((performance.now() - beganMs) / 1000);
}

/** Milliseconds from acceptance to the SMTP server's yes, one user every tenth of a second. */
async function lightly(stack: LocalStack, createUser: () => Promise<Accepted>): Promise<number[]> {
  const pending: Promise<Accepted>[] = [];
  for (let i = 0; i < LIGHT_USERS; i += 1) {
    pending.push(createUser());
    await delay(LIGHT_INTERVAL_MS);
  }
  const accepted = await Promise.all(pending);
  const callbacks = await callbacksOf(stack, accepted);
  return accepted.map(
    ({ jobId, atMs }) => (callbacks.get(jobId)?.body.delivery?.deliveredAt.getTime() ?? Number.NaN) - atMs,
  );
}

async function callbacksOf(stack: LocalStack, accepted: readonly Accepted[]): Promise<Map<string, Callback>> {
  const wanted = new Set(accepted.map(({ jobId }) => jobId));
  const callbacks = await collectCallbacks(stack.urls.client, {
    count: wanted.size,
    timeoutMs: PATIENCE_MS,
    isWanted: ({ jobId }) => wanted.has(jobId),
  });
  return new Map(callbacks.map((callback) => [callback.jobId, callback]));
}

function report(rates: readonly number[], latenciesMs: readonly number[]): BenchSection {
  const rate = median(rates);
  const [p50, p95, p99] = [50, 95, 99].map((percent) => percentile(latenciesMs, percent)) as [number, number, number];
  return {
    title: "users, from CreateUser to the callback of the welcome mail",
    rows: [
      {
        what: `sustained, ${CONCURRENCY} at once`,
        value: `${rate.toFixed(0)} users/s`,
        aim: `>= ${AIM_USERS_PER_SECOND}/s`,
        verdict: judge(rate >= AIM_USERS_PER_SECOND, spread(rates) > NOISY_SPREAD),
      },
      {
        what: "acceptance to delivered mail, 10 users/s",
        value: `p50 ${p50.toFixed(0)} ms, p95 ${p95.toFixed(0)} ms, p99 ${p99.toFixed(0)} ms`,
        aim: `p50 < ${AIM_P50_MS} ms`,
        verdict: judge(p50 < AIM_P50_MS, false),
      },
    ],
    data: { usersPerSecond: rates, latenciesMs },
  };
}
