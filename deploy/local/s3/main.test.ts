import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { afterEach, beforeEach, expect, it } from "vitest";
import { freePort } from "../ports/free-ports";
import { testCredentials } from "./start-test-server";

const entry = join(__dirname, "../../../dist/deploy/local/s3/main.js");
let dataDirectory: string;
beforeEach(async () => {
  dataDirectory = await mkdtemp(join(tmpdir(), "mcsv-s3-"));
});
afterEach(() => rm(dataDirectory, { recursive: true }));

/** Starts the process under a limit of 1 MiB per file, which stands for a disk that fills up. */
async function startProcess() {
  const port = await freePort();
  const child = spawn("bash", ["-c", `ulimit -f 1024; exec "${process.execPath}" "${entry}"`], {
    env: {
      ...process.env,
      S3_PORT: String(port),
      S3_DATA_DIR: dataDirectory,
      S3_ACCESS_KEY_ID: testCredentials.accessKeyId,
      S3_SECRET_ACCESS_KEY: testCredentials.secretAccessKey,
    },
    stdio: "ignore",
  });
  const endpoint = `http://127.0.0.1:${port}`;
  const isUp = () =>
    fetch(`${endpoint}/healthz`).then(
      (answer) => answer.ok,
      () => false,
    );
  await expect.poll(isUp, { timeout: 10_000 }).toBe(true);
  const client = new S3Client({
    endpoint,
    region: "us-east-1",
    forcePathStyle: true,
    maxAttempts: 1,
    credentials: testCredentials,
  });
  return { child, client };
}

it("answers 507 when the disk is full, keeps what was there, and goes on when there is room", async () => {
  const { child, client } = await startProcess();
  const Bucket = "mcsv";
  await client.send(new CreateBucketCommand({ Bucket }));
  await client.send(new PutObjectCommand({ Bucket, Key: "k", Body: "before" }));
  const tooMuch = client.send(new PutObjectCommand({ Bucket, Key: "k", Body: Buffer.alloc(3_000_000) }));
  await expect(tooMuch).rejects.toMatchObject({
    name: "InsufficientStorage",
    $metadata: { httpStatusCode: 507 },
  });
  const { Body } = await client.send(new GetObjectCommand({ Bucket, Key: "k" }));
  expect(await Body?.transformToString()).toBe("before");
  await client.send(new PutObjectCommand({ Bucket, Key: "k2", Body: "after" }));
  expect(await readdir(join(dataDirectory, "tmp"))).toEqual([]);
  child.kill("SIGTERM");
  expect(await once(child, "exit")).toEqual([0, null]);
});

it("keeps everything that it acknowledged when it is killed", async () => {
  const Bucket = "mcsv";
  const first = await startProcess();
  await first.client.send(new CreateBucketCommand({ Bucket }));
  await first.client.send(new PutObjectCommand({ Bucket, Key: "k", Body: "kept" }));
  first.child.kill("SIGKILL");
  await once(first.child, "exit");
  const second = await startProcess();
  const { Body } = await second.client.send(new GetObjectCommand({ Bucket, Key: "k" }));
  expect(await Body?.transformToString()).toBe("kept");
  second.child.kill("SIGTERM");
  await once(second.child, "exit");
});
