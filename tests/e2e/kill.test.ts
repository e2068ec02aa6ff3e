import { randomUUID } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pMap from "p-map";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { projectDirectory } from "../../deploy/local/project-directory";
import type { ComponentName } from "../../deploy/local/stack/components";
import { type LocalStack, startStack } from "../../deploy/local/stack/start-stack";
import { type Clients, connect } from "../../services/client/cli/clients";
import { type Callback, collectCallbacks } from "../support/callbacks";
import { countMails, mailsIn } from "../support/inbox";

const USERS = 40;
const IMAGES = 6;
const PATIENCE_MS = 60_000;

/** What the system has promised to do. */
interface Acknowledged {
  readonly users: { readonly email: string; readonly jobId: string }[];
  readonly conversions: { readonly id: string; readonly userId: string; readonly jobId: string }[];
}

describe("with a process killed in the middle of its work", () => {
  let directory: string;
  let stack: LocalStack;
  let clients: Clients;
  const image = readFileSync(join(projectDirectory(), "deploy", "local", "demo", "images", "badge.png"));

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), "mcsv-kill-"));
    stack = await startStack({ directory });
    clients = connect(stack.urls, { concurrency: 16, apiKey: stack.auth.apiKey });
  });

  afterAll(async () => {
    clients?.close();
    await stack?.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  it.each(["user", "job", "email", "image", "client", "postgres", "s3", "inbox"] as const)(
    "%s: every acknowledged user has one mail, every acknowledged conversion one PDF and one callback",
    async (victim) => {
      const kept = await acknowledgedWhileKilling(victim);
      expect(kept.users.length + kept.conversions.length).toBeGreaterThan(0);
      await expectAllMailedAndConverted(kept);
      // The client service keeps callbacks in memory: what it had before it was killed is gone with it.
      if (victim !== "client") await expectOneCallbackEach(kept);
    },
    2 * PATIENCE_MS,
  );

  /** Gives the system work and kills the victim as soon as some of it is acknowledged. */
  async function acknowledgedWhileKilling(victim: ComponentName): Promise<Acknowledged> {
    const acknowledged: Acknowledged = { users: [], conversions: [] };
    const owner = await createUser();
    const count = () => acknowledged.users.length + acknowledged.conversions.length;
    const tasks = [
      ...Array.from({ length: IMAGES }, () => async () => {
        const { conversion } = await clients.asUser(owner.id).ConvertImage({
          idempotencyKey: randomUUID(),
          userId: "",
          fileName: "badge.png",
          options: undefined,
          source: { $case: "image", image },
        });
        acknowledged.conversions.push({ id: conversion?.id ?? "", userId: owner.id, jobId: conversion?.jobId ?? "" });
      }),
      ...Array.from({ length: USERS }, () => async () => {
        acknowledged.users.push(await createUser());
      }),
    ];
    let isKilled = false;
    await pMap(
      tasks,
      async (task) => {
        // What is refused while something is down was not promised.
        await task().catch(() => undefined);
        if (!isKilled && count() >= tasks.length / 3) {
          isKilled = true;
          stack.kill(victim, "SIGKILL");
        }
      },
      { concurrency: 8 },
    );
    expect(isKilled).toBe(true);
    await stack.ready();
    return acknowledged;
  }

  async function createUser() {
    const email = `${randomUUID()}@example.com`;
    const { user } = await clients.users.CreateUser({ idempotencyKey: randomUUID(), email, name: "Ada" });
    return { id: user?.id ?? "", email, jobId: user?.welcomeJobId ?? "" };
  }

  async function expectAllMailedAndConverted({ users, conversions }: Acknowledged): Promise<void> {
    await expect.poll(() => welcomed(users), { timeout: PATIENCE_MS, interval: 200 }).toEqual(users.map(() => 1));
    await expect
      .poll(() => pdfs(conversions), { timeout: PATIENCE_MS, interval: 200 })
      .toEqual(conversions.map(() => "%PDF-"));
  }

  async function expectOneCallbackEach({ users, conversions }: Acknowledged): Promise<void> {
    const jobIds = [...users, ...conversions].map(({ jobId }) => jobId);
    const wanted = new Set(jobIds);
    const isWanted = ({ jobId }: Callback) => wanted.has(jobId);
    const callbacks = await collectCallbacks(stack.urls.client, {
      count: jobIds.length,
      timeoutMs: PATIENCE_MS,
      isWanted,
    });
    expect(callbacks.map(({ jobId }) => jobId).toSorted()).toEqual(jobIds.toSorted());
  }

  /** Welcome mails of each user. */
  async function welcomed(users: Acknowledged["users"]): Promise<number[]> {
    const counts = countMails(await mailsIn(stack.urls.inbox));
    return users.map(({ email }) => counts.get(`${email}: Welcome to mcsv`) ?? 0);
  }

  /** First bytes of each PDF. */
  async function pdfs(conversions: Acknowledged["conversions"]): Promise<string[]> {
    return await pMap(conversions, async ({ id, userId }) => {
      const { conversion } = await clients.asUser(userId).GetConversion({ conversionId: id });
      if (conversion?.pdfUrl === "" || conversion === undefined) return "";
      return (await (await fetch(conversion.pdfUrl)).text()).slice(0, 5);
    });
  }
});
