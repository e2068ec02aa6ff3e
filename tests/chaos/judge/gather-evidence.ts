import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import pMap from "p-map";
import { stackLayout } from "../../../deploy/local/stack/stack-layout";
import { type Conversion, ConversionStatus } from "../../../gen/twirp/mcsv/v1/user";
import { hashOf } from "../load/pictures";
import type { ConversionOrder, SteadyLoad } from "../load/steady-load";
import type { Scene } from "../scene";
import type { Evidence, SeenConversion } from "./evidence";
import { historyFindings } from "./history";
import { callbacksRecordedAt, mailsRecordedAt } from "./recorded";
import { unfinishedJobs } from "./stuck-jobs";

/** Looks at the queues that have to find nothing, one after the other: a job on its way from one to the next is in both. */
const QUIET_LOOKS = 4;
const LOOK_EVERY_MS = 150;

/** Waits until nothing waits or runs any more, or the time is over; resolves to what still does, in words. */
export async function settled({ stack }: Scene, limitMs: number): Promise<string[]> {
  const urls = [stack.databaseUrl("user"), stack.databaseUrl("job")];
  const deadline = Date.now() + limitMs;
  for (let quiet = 0, unfinished: string[] = []; ; ) {
    try {
      unfinished = await unfinishedJobs(urls);
    } catch (error) {
      unfinished = [`the queues cannot be looked at: ${String(error)}`];
    }
    quiet = unfinished.length === 0 ? quiet + 1 : 0;
    if (quiet === QUIET_LOOKS) return [];
    if (Date.now() > deadline) return unfinished;
    await delay(LOOK_EVERY_MS);
  }
}

/** Collects what has become of a load, once all is settled. */
export async function gatherEvidence(
  scene: Scene,
  load: Pick<SteadyLoad, "users" | "conversions">,
  stuck: readonly string[],
): Promise<Evidence> {
  const { users, conversions } = load;
  return {
    users,
    conversions,
    mails: await scene.mail.mails(),
    mailsRecordedAt: await mailsRecordedAt(scene.stack.databaseUrl("email")),
    smtp: scene.mail.record,
    callbacks: scene.callbacks.seen,
    takenAt: await takenCallbacks(scene),
    callbacksRecordedAt: await callbacksRecordedAt(scene.stack.databaseUrl("user")),
    seenConversions: new Map(
      await pMap(
        conversions.filter(({ acknowledgedAt }) => acknowledgedAt !== undefined),
        async (order) => [order.conversionId, await seeConversion(scene, order)] as const,
        { concurrency: 4 },
      ),
    ),
    pdfKeys: await pdfKeys(scene),
    stuck,
    history: await historyFindings(scene.stack.databaseUrl("job")),
    kills: scene.faults.kills,
  };
}

/** When the client service took a callback for the first time in its life, by job: it writes a line before it answers. */
async function takenCallbacks({ stack }: Scene): Promise<Map<string, number[]>> {
  const log = await readFile(join(stackLayout(stack.directory).logs, "client.log"), "utf8");
  const takenAt = new Map<string, number[]>();
  for (const line of log.split("\n")) {
    if (!line.includes('"callback"')) continue;
    const { time, message, job_id: jobId } = JSON.parse(line) as { time: string; message?: string; job_id?: string };
    if (message === "callback" && jobId !== undefined) {
      takenAt.set(jobId, [...(takenAt.get(jobId) ?? []), Date.parse(time)]);
    }
  }
  return takenAt;
}

async function seeConversion({ callers }: Scene, { conversionId, owner }: ConversionOrder): Promise<SeenConversion> {
  const { conversion } = await callers.user(owner.userId).GetConversion({ conversionId });
  return {
    status: statusOf(conversion),
    pdfHash: conversion?.pdfUrl ? hashOf(await download(conversion.pdfUrl)) : undefined,
    failure: conversion?.failure && `${conversion.failure.code}: ${conversion.failure.message}`,
  };
}

function statusOf(conversion: Conversion | undefined): SeenConversion["status"] {
  switch (conversion?.status) {
    case ConversionStatus.COMPLETED:
      return "completed";
    case ConversionStatus.FAILED:
      return "failed";
    default:
      return "pending";
  }
}

async function download(url: string): Promise<Uint8Array> {
  const answer = await fetch(url);
  return answer.ok ? new Uint8Array(await answer.arrayBuffer()) : new Uint8Array();
}

async function pdfKeys({ stack }: Scene): Promise<string[]> {
  const { accessKeyId, secretAccessKey } = stack.credentials.objectStore;
  const s3 = new S3Client({
    endpoint: stack.urls.s3,
    region: "us-east-1",
    forcePathStyle: true,
    credentials: { accessKeyId, secretAccessKey },
  });
  try {
    const keys: string[] = [];
    let token: string | undefined;
    do {
      const page = await s3.send(
        new ListObjectsV2Command({ Bucket: "mcsv", Prefix: "pdf/", ...(token && { ContinuationToken: token }) }),
      );
      keys.push(...(page.Contents ?? []).map(({ Key = "" }) => Key));
      token = page.NextContinuationToken;
    } while (token !== undefined);
    return keys;
  } finally {
    s3.destroy();
  }
}
