import { setTimeout as delay } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { freePort } from "../../deploy/local/ports/free-ports";
import { JobState } from "../../gen/twirp/mcsv/v1/job";
import { createTestAuthFiles } from "../../tests/support/auth-files";
import { createTestDatabase } from "../../tests/support/test-database";
import { conversionOrder, emailOrder } from "./testing/orders";
import { type JobServiceProcess, type SpawnOptions, spawnJobService } from "./testing/spawn-job-service";
import { type Peers, startPeers } from "./testing/start-peers";

describe("the process of the job service", () => {
  const cleanUps: (() => Promise<unknown>)[] = [];
  let options: SpawnOptions;
  let peers: Peers;
  beforeEach(async () => {
    const database = await createTestDatabase();
    cleanUps.push(() => database.drop());
    const auth = await createTestAuthFiles((_, remove) => cleanUps.push(remove));
    peers = await startPeers({ auth });
    cleanUps.push(() => peers.stop());
    options = { port: await freePort(), databaseUrl: database.url, peersUrl: peers.url, auth };
  });
  afterEach(async () => {
    for (const cleanUp of cleanUps.splice(0).reverse()) {
      await cleanUp();
    }
  });

  async function start(env: Record<string, string> = {}, port = options.port): Promise<JobServiceProcess> {
    const service = spawnJobService({ ...options, port, env });
    cleanUps.push(() => service.end("SIGKILL"));
    await service.ready();
    return service;
  }
  const state = async ({ client }: JobServiceProcess, jobId: string) => (await client.GetJob({ jobId })).job?.state;
  const callsFor = (jobId: string) => peers.emails.filter((call) => call.jobId === jobId).length;

  it("runs the job of a killed worker again within seconds, and ends it once", async () => {
    const { promise: never } = Promise.withResolvers<void>();
    let hangs = true;
    peers.before = (method) => (method === "SendEmail" && hangs ? never : undefined);
    const first = await start();
    const { jobId } = await first.client.EnqueueEmail(emailOrder());
    await expect.poll(() => callsFor(jobId)).toBe(1);
    await first.end("SIGKILL");
    const killedAt = performance.now();
    hangs = false;

    const second = await start();
    await expect.poll(() => callsFor(jobId), { timeout: 20_000 }).toBe(2);
    // Five seconds without heartbeats, one to two until the next attempt.
    expect(performance.now() - killedAt).toBeLessThan(15_000);
    await expect.poll(() => state(second, jobId)).toBe(JobState.COMPLETED);
    await expect.poll(() => peers.emailCallbacks.map((call) => call.jobId)).toEqual([jobId]);
    expect((await second.client.GetJob({ jobId })).job).toMatchObject({ attempt: 2, lastFailure: { code: "aborted" } });
  }, 60_000);

  it("loses and doubles nothing when it is killed again and again under load", async () => {
    peers.before = () => delay(Math.random() * 20);
    let service = await start({ HEARTBEAT_TIMEOUT_MS: "1000", HEARTBEAT_INTERVAL_MS: "200" });
    const jobIds: string[] = [];
    for (let round = 0; round < 3; round++) {
      const orders = Array.from({ length: 60 }, () => service.client.EnqueueEmail(emailOrder()));
      jobIds.push(...(await Promise.all(orders)).map(({ jobId }) => jobId));
      await expect
        .poll(() => peers.emailCallbacks.length, { interval: 5, timeout: 20_000 })
        .toBeGreaterThan(round * 40 + 10);
      await service.end("SIGKILL");
      service = await start({ HEARTBEAT_TIMEOUT_MS: "1000", HEARTBEAT_INTERVAL_MS: "200" });
    }
    const called = () => new Set(peers.emailCallbacks.map((call) => call.jobId));
    await expect.poll(called, { timeout: 30_000 }).toEqual(new Set(jobIds));
    const email = async () =>
      (await service.client.GetQueueStats({})).queues.filter(({ queue }) => queue !== "image-conversion");
    await expect.poll(email, { timeout: 10_000 }).toMatchObject([
      { queue: "callback", completed: 180, ready: 0, active: 0, deferred: 0 },
      { queue: "callback-dead", ready: 0 },
      { queue: "email", completed: 180, ready: 0, active: 0, deferred: 0 },
      { queue: "email-dead", ready: 0 },
      { queue: "image-conversion-dead", ready: 0 },
    ]);
  }, 90_000);

  it("ends cleanly at SIGTERM: what ends in time counts, and the rest goes to another replica at once", async () => {
    const { promise: never } = Promise.withResolvers<void>();
    const finish = Promise.withResolvers<void>();
    let hangs = true;
    peers.before = (method) => {
      if (method === "SendEmail") {
        return finish.promise;
      }
      return method === "ConvertImage" && hangs ? never : undefined;
    };
    const first = await start({ SHUTDOWN_TIMEOUT_MS: "3000" });
    const { jobId: emailId } = await first.client.EnqueueEmail(emailOrder());
    const { jobId: imageId } = await first.client.EnqueueImageConversion(conversionOrder());
    await expect.poll(() => [peers.emails.length, peers.conversions.length]).toEqual([1, 1]);
    const second = await start({}, await freePort());
    const ended = first.end("SIGTERM");
    hangs = false;
    finish.resolve();
    expect(await ended).toEqual({ code: 0, signal: null });
    const endedAt = performance.now();
    expect(await state(second, emailId)).toBe(JobState.COMPLETED);
    await expect.poll(() => state(second, imageId)).toBe(JobState.COMPLETED);
    expect(performance.now() - endedAt).toBeLessThan(4_000);
    expect((await second.client.GetJob({ jobId: imageId })).job?.lastFailure).toBeUndefined();
    expect([peers.emails.length, peers.conversions.length]).toEqual([1, 2]);
  }, 60_000);

  it("keeps what it was told while the other services are away, and delivers it when they are back", async () => {
    await peers.stop();
    const service = await start();
    const order = emailOrder();
    const { jobId } = await service.client.EnqueueEmail(order);
    await expect.poll(() => state(service, jobId), { timeout: 5_000 }).toBe(JobState.RETRYING);
    expect((await service.client.GetJob({ jobId })).job?.lastFailure?.code).toBe("unavailable");
    const back = await startPeers({ auth: options.auth, port: peers.port });
    cleanUps.push(() => back.stop());
    await expect.poll(() => back.emailCallbacks, { timeout: 15_000 }).toMatchObject([{ jobId, userId: order.userId }]);
    expect(service.log()).not.toContain("ada@example.com");
    expect(service.log()).not.toContain(new URL(options.databaseUrl).password);
  }, 60_000);
});
