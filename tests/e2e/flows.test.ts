import { randomUUID } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createAuthFiles } from "../../deploy/local/auth/create-auth-files";
import { encodePng } from "../../deploy/local/demo/make-images/encode-png";
import { projectDirectory } from "../../deploy/local/project-directory";
import { SERVICES } from "../../deploy/local/stack/components";
import { type LocalStack, startStack } from "../../deploy/local/stack/start-stack";
import { ImageFormat, PageSize, Quality } from "../../gen/client/mcsv/v1/image";
import { JobState } from "../../gen/client/mcsv/v1/job";
import { type Conversion, ConversionStatus, type User } from "../../gen/client/mcsv/v1/user";
import { type Clients, connect } from "../../services/client/cli/clients";
import { eventName } from "../../services/client/cli/describe-event";
import { fetchTrace, type JaegerTrace } from "../../services/client/cli/jaeger";
import { run } from "../../services/client/cli/run";
import { summarizeTrace } from "../../services/client/cli/waterfall";
import { createObjectStore } from "../../services/platform/object-store/create-object-store";
import { collectCallbacks } from "../support/callbacks";
import { childrenOf } from "../support/children-of";
import { mailsIn } from "../support/inbox";

const PATIENCE_MS = 30_000;
const RECOVERY = { timeout: PATIENCE_MS, interval: 200 };
const IMAGES = join(projectDirectory(), "deploy", "local", "demo", "images");

describe("the whole system, each service a process of its own", () => {
  let directory: string;
  let stack: LocalStack;
  let clients: Clients;

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), "mcsv-e2e-"));
    // Few attempts with short waits: some tests have jobs fail for good.
    stack = await startStack({ directory, env: { job: { EMAIL_MAX_ATTEMPTS: "4", RETRY_DELAY_MAX_SECONDS: "4" } } });
    clients = connect(stack.urls, { concurrency: 8, apiKey: stack.auth.apiKey });
  });

  afterAll(async () => {
    clients?.close();
    await stack?.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  async function createUser(): Promise<User> {
    const request = { idempotencyKey: randomUUID(), email: `${randomUUID()}@example.com`, name: "Zoë <b>Ada</b>" };
    const { user } = await clients.users.CreateUser(request);
    if (user === undefined) throw new Error("no user");
    return user;
  }

  const mailsTo = async (email: string) =>
    (await mailsIn(stack.urls.inbox)).filter(({ To }) => To.some(({ Address }) => Address === email));

  async function finished(ordered: Conversion | undefined): Promise<Conversion> {
    const { id = "", userId = "" } = ordered ?? {};
    const look = async () => (await clients.asUser(userId).GetConversion({ conversionId: id })).conversion;
    await expect
      .poll(look, { timeout: PATIENCE_MS })
      .not.toMatchObject({ status: ConversionStatus.CONVERSION_STATUS_PENDING });
    return (await look()) as Conversion;
  }

  it("welcomes a new user: one mail, one callback, and the user knows when", async () => {
    const user = await createUser();
    const [callback] = await collectCallbacks(stack.urls.client, {
      count: 1,
      timeoutMs: PATIENCE_MS,
      isWanted: ({ jobId }) => jobId === user.welcomeJobId,
    });
    expect(callback).toMatchObject({
      kind: "email-delivered",
      body: { userId: user.id, delivery: { template: "EMAIL_TEMPLATE_WELCOME", recipientAddress: user.email } },
    });
    const mails = await mailsTo(user.email);
    expect(mails).toHaveLength(1);
    expect(mails[0]?.MessageID).toContain(user.welcomeJobId);
    const { user: welcomed } = await clients.users.GetUser({ key: { $case: "id", id: user.id } });
    expect(welcomed?.welcomeDeliveredAt).toEqual(callback?.body.delivery?.deliveredAt);
    const { job } = await clients.jobs.GetJob({ jobId: user.welcomeJobId });
    expect(job).toMatchObject({ queue: "email", state: JobState.JOB_STATE_COMPLETED, attempt: 1, userId: user.id });
  });

  it("converts an inline image: a PDF to download, a callback, and a mail with the link", async () => {
    const user = await createUser();
    const image = readFileSync(join(IMAGES, "balloon.jpg"));
    const { conversion: ordered } = await clients.asUser(user.id).ConvertImage({
      idempotencyKey: randomUUID(),
      userId: "",
      fileName: "balloon.jpg",
      options: undefined,
      source: { $case: "image", image },
    });
    const conversion = await finished(ordered);
    expect(conversion).toMatchObject({
      status: ConversionStatus.CONVERSION_STATUS_COMPLETED,
      sourceFormat: ImageFormat.IMAGE_FORMAT_JPEG,
      sourceBytes: BigInt(image.length),
      // The file is 1200 x 800 and lies on its side.
      pdf: { widthPx: 800, heightPx: 1200, inputBytes: BigInt(image.length) },
    });
    const pdf = Buffer.from(await (await fetch(conversion.pdfUrl)).arrayBuffer());
    expect(pdf.subarray(0, 5).toString()).toBe("%PDF-");
    expect(BigInt(pdf.length)).toBe(conversion.pdf?.outputBytes);
    const [callback] = await collectCallbacks(stack.urls.client, {
      count: 1,
      timeoutMs: PATIENCE_MS,
      isWanted: ({ jobId }) => jobId === conversion.jobId,
    });
    expect(callback).toMatchObject({ kind: "image-converted", body: { conversion: { id: conversion.id } } });
    await expect
      .poll(async () => (await mailsTo(user.email)).map(({ Subject }) => Subject).sort(), { timeout: PATIENCE_MS })
      .toEqual([expect.stringContaining("Welcome"), expect.stringContaining("balloon.jpg")].sort());
  });

  it("converts an uploaded image with options", async () => {
    const user = await createUser();
    const image = readFileSync(join(IMAGES, "mountain-lake.png"));
    const { upload } = await clients.asUser(user.id).CreateUpload({
      idempotencyKey: randomUUID(),
      userId: "",
      format: ImageFormat.IMAGE_FORMAT_PNG,
      sizeBytes: BigInt(image.length),
    });
    const stored = await fetch(upload?.url ?? "", { method: "PUT", headers: upload?.headers ?? {}, body: image });
    expect(stored.status).toBe(200);
    const { conversion: ordered } = await clients.asUser(user.id).ConvertImage({
      idempotencyKey: randomUUID(),
      userId: "",
      fileName: "mountain-lake.png",
      options: {
        quality: Quality.QUALITY_LOW,
        pageSize: PageSize.PAGE_SIZE_A4,
        densityDpi: 72,
        maxWidthPx: 300,
        maxHeightPx: 0,
        stripMetadata: true,
      },
      source: { $case: "uploadId", uploadId: upload?.id ?? "" },
    });
    const conversion = await finished(ordered);
    expect(conversion.status).toBe(ConversionStatus.CONVERSION_STATUS_COMPLETED);
    const pdf = Buffer.from(await (await fetch(conversion.pdfUrl)).arrayBuffer()).toString("latin1");
    const box = /\/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]/.exec(pdf);
    expect([Math.round(Number(box?.[1])), Math.round(Number(box?.[2]))]).toEqual([595, 842]);
  });

  it("tells why an image cannot be converted: the conversion, the job and the callback say the same", async () => {
    const user = await createUser();
    const whole = readFileSync(join(IMAGES, "mountain-lake.png"));
    const { conversion: ordered } = await clients.asUser(user.id).ConvertImage({
      idempotencyKey: randomUUID(),
      userId: "",
      fileName: "half.png",
      options: undefined,
      source: { $case: "image", image: whole.subarray(0, whole.length / 2) },
    });
    const conversion = await finished(ordered);
    expect(conversion.status).toBe(ConversionStatus.CONVERSION_STATUS_FAILED);
    expect(conversion.failure?.code).toBe("invalid_argument");
    const [callback] = await collectCallbacks(stack.urls.client, {
      count: 1,
      timeoutMs: PATIENCE_MS,
      isWanted: ({ jobId }) => jobId === conversion.jobId,
    });
    expect(callback?.kind).toBe("image-failed");
    const { job } = await clients.jobs.GetJob({ jobId: conversion.jobId });
    expect(job).toMatchObject({ state: JobState.JOB_STATE_FAILED, attempt: 1, lastFailure: conversion.failure });
  });

  it("shows a conversion as one trace through all five services, without an orphan", async () => {
    const user = await createUser();
    const image = readFileSync(join(IMAGES, "badge.png"));
    const { conversion } = await clients.asUser(user.id).ConvertImage({
      idempotencyKey: randomUUID(),
      userId: "",
      fileName: "badge.png",
      options: undefined,
      source: { $case: "image", image },
    });
    const { job } = await clients.jobs.GetJob({ jobId: conversion?.jobId ?? "" }).catch(async () => {
      await finished(conversion);
      return await clients.jobs.GetJob({ jobId: conversion?.jobId ?? "" });
    });
    const traceId = job?.traceId ?? "";
    // The mail that tells the user ends the trace; spans of the services arrive in batches, in any order.
    const isWhole = (trace: JaegerTrace | undefined): boolean =>
      trace?.spans.some(({ operationName }) => operationName === "mcsv.v1.EmailService/SendEmail") === true &&
      summarizeTrace(trace).services.length === 5 &&
      summarizeTrace(trace).roots === 1;
    const fetched = () => fetchTrace(stack.urls, traceId).catch(() => undefined);
    await expect.poll(fetched, { timeout: PATIENCE_MS }).toSatisfy(isWhole);
    const trace = await fetchTrace(stack.urls, traceId);
    expect(summarizeTrace(trace).services.toSorted()).toEqual(["client", "email", "image", "job", "user"]);
    const names = new Set(trace.spans.map(({ operationName }) => operationName));
    for (const name of ["UserService/ConvertImage", "JobService/EnqueueImageConversion", "ImageService/ConvertImage"]) {
      expect(names).toContain(`mcsv.v1.${name}`);
    }
    expect([...names]).toEqual(expect.arrayContaining(["process image-conversion", "magick", "smtp send"]));
    expect(JSON.stringify(trace)).not.toContain("X-Amz-Signature");
  });

  it("leaves no magick process and no object of a conversion that is cancelled half-way, and says who cancelled it", async () => {
    const user = await createUser();
    // As many pixels as one image may have: seconds of work.
    const side = 7_900;
    const line = Uint8Array.from({ length: side / 2 }, (_, x) => (x * 7919) % 251);
    const image = encodePng({ width: side, height: side, bitDepth: 4, colourType: 0, line: () => line });
    const { conversion: ordered } = await clients.asUser(user.id).ConvertImage({
      idempotencyKey: randomUUID(),
      userId: "",
      fileName: "large.png",
      options: undefined,
      source: { $case: "image", image },
    });
    const jobId = ordered?.jobId ?? "";
    const workers = () => childrenOf(stack.pid("image") ?? -1);
    await expect.poll(workers, { timeout: PATIENCE_MS, interval: 10 }).not.toEqual([]);
    const { job } = await clients.jobsAsUser(user.id).CancelJob({ jobId, reason: "wrong file" });
    expect(job).toMatchObject({ state: JobState.JOB_STATE_CANCELLED, attempt: 1 });
    const conversion = await finished(ordered);
    expect(conversion).toMatchObject({
      status: ConversionStatus.CONVERSION_STATUS_FAILED,
      failure: { code: "canceled" },
    });
    await expect.poll(workers, { timeout: 2_000, interval: 20 }).toEqual([]);
    const store = createObjectStore({
      endpoint: stack.urls.s3,
      publicEndpoint: stack.urls.s3,
      region: "us-east-1",
      bucket: "mcsv",
      ...stack.credentials.objectStore,
    });
    expect(await store.head(`pdf/${jobId}.pdf`)).toBeUndefined();
    store.close();
    const { events } = await clients
      .jobsAsUser(user.id)
      .GetJobHistory({ jobId, at: undefined, pageSize: 0, pageToken: "" });
    expect(events.map(({ type, actor }) => [eventName(type), actor.replace(/^worker:.*/, "worker")])).toEqual([
      ["created", "service:user"],
      ["enqueued", "service:user"],
      ["started", "worker"],
      ["cancelled", `user:${user.id}`],
    ]);
  });

  it("goes on while the keys of services are replaced, without a restart", async () => {
    const pids = SERVICES.map((service) => stack.pid(service));
    const keys = join(directory, "auth");
    for (const service of ["user", "job"]) rmSync(join(keys, service, "private-keys.json"));
    await createAuthFiles(keys);
    /** Whether each service that signs has taken up its new key. */
    const follow = () =>
      ["user", "job"].every((service) =>
        readFileSync(join(directory, "logs", `${service}.log`), "utf8")
          .split("\n")
          .some((line) => line.includes("keys were read again") && line.includes("AUTH_PRIVATE_KEYS_FILE")),
      );
    const created: User[] = [];
    const createAndLook = async () => {
      created.push(await createUser());
      return follow();
    };
    await expect.poll(createAndLook, { timeout: PATIENCE_MS, interval: 300 }).toBe(true);
    created.push(await createUser());
    const wanted = new Set(created.map(({ welcomeJobId }) => welcomeJobId));
    const told = await collectCallbacks(stack.urls.client, {
      count: wanted.size,
      timeoutMs: PATIENCE_MS,
      isWanted: ({ jobId }) => wanted.has(jobId),
    });
    expect(new Set(told.map(({ kind }) => kind))).toEqual(new Set(["email-delivered"]));
    expect(SERVICES.map((service) => stack.pid(service))).toEqual(pids);
  });

  describe("one command each answers", () => {
    async function mcsv(...words: string[]): Promise<string> {
      const stdout = new PassThrough();
      const stderr = new PassThrough();
      const env = {
        USER_SERVICE_URL: stack.urls.user,
        JOB_SERVICE_URL: stack.urls.job,
        MCSV_API_KEY: stack.auth.apiKey,
      };
      const streams = { stdout, stderr } as unknown as Parameters<typeof run>[2];
      const code = await run(["node", "mcsv", ...words], env, streams, directory);
      expect(code, String(stderr.read())).toBe(0);
      return String(stdout.read() ?? "");
    }
    const newUser = async () => {
      const email = `ada.${randomUUID().slice(0, 8)}@example.com`;
      const created = await mcsv("users", "create", "--email", email);
      const [userId = "", job = ""] = created.match(/[0-9a-f]{8}-[0-9a-f-]{27}(?= )/g) ?? [];
      return { email, userId, job };
    };
    const failures = async (job: string) =>
      (await mcsv("jobs", "history", job)).split("\n").filter((line) => / failed {2}/.test(line)).length;

    it("why did this job fail three times before it succeeded; and its events can be watched meanwhile", async () => {
      await stack.hold("inbox");
      const { job } = await newUser();
      const watched = mcsv("jobs", "watch", job);
      await expect.poll(() => failures(job), RECOVERY).toBe(3);
      await stack.resume("inbox");
      const lines = await watched;
      expect(lines).toMatch(/started.*failed.*retry-scheduled.*failed.*failed.*completed/s);
      const history = await mcsv("jobs", "history", job);
      expect(history).toContain("completed in attempt 4 of 4");
      expect(history).toContain("failed 3 times:\n  3 times smtp_unreachable: the SMTP server cannot be reached");
      expect(history.match(/next attempt in [\d.]+ m?s; the attempt failed: smtp_unreachable/g)).toHaveLength(3);
    }, 60_000);

    it("replay all mails that failed by an SMTP server that could not be reached", async () => {
      await stack.hold("inbox");
      const failed = await newUser();
      await expect.poll(() => mcsv("jobs", "show", failed.job), RECOVERY).toMatch(/state +failed/);
      await stack.resume("inbox");
      const search = ["jobs", "replay", "--queue", "email", "--error-class", "smtp_unreachable", "--since", "1h"];
      expect(await mcsv(...search, "--dry-run")).toMatch(/1 job would be replayed\n1 passed over: it is completed\n$/);
      const replayed = await mcsv(...search, "--request-key", "outage");
      expect(replayed).toContain("1 job replayed\n");
      expect(await mcsv(...search, "--request-key", "outage")).toContain(replayed.split("\n")[1] ?? "nothing");
      const [, to = ""] = new RegExp(`${failed.job}\\s+([0-9a-f-]{36})`).exec(replayed) ?? [];
      await expect.poll(() => mcsv("jobs", "show", to), RECOVERY).toMatch(/state +completed/);
      // The mail counts as the welcome mail that failed before.
      await expect.poll(() => mcsv("jobs", "history", failed.job), RECOVERY).toContain(`as ${to}`);
    }, 60_000);

    it("which jobs did this user cancel in the last 30 days", async () => {
      await mcsv("queues", "pause", "email", "--reason", "a quiet moment");
      const [one, other] = [await newUser(), await newUser()];
      await expect.poll(() => mcsv("queues"), RECOVERY).toMatch(/email +2 .* paused by application:local/);
      await mcsv("jobs", "cancel", one.job, "--as", one.email, "--reason", "signed up by mistake");
      await mcsv("jobs", "cancel", other.job, "--reason", "support");
      const found = await mcsv("jobs", "search", "--type", "cancelled", "--actor", one.email, "--since", "30d");
      expect(found).toContain(one.job);
      expect(found).toContain(`user:${one.userId}  signed up by mistake`);
      expect(found).not.toContain(other.job);
      await mcsv("queues", "resume", "email");
    });
  });
});
