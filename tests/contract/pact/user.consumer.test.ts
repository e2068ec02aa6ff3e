import { join } from "node:path";
import { createNoopMeter } from "@opentelemetry/api";
import { MatchersV3 } from "@pact-foundation/pact";
import type { Pool } from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { AuthFiles } from "../../../deploy/local/auth/create-auth-files";
import { ClientService } from "../../../gen/twirp/mcsv/v1/client";
import { JobService } from "../../../gen/twirp/mcsv/v1/job";
import { deterministicId } from "../../../services/platform/ids/deterministic-id";
import { createLifecycle, type OwnedLifecycle } from "../../../services/platform/lifecycle/lifecycle";
import { createObjectStore } from "../../../services/platform/object-store/create-object-store";
import { createPool } from "../../../services/platform/postgres/create-pool";
import { migrate } from "../../../services/platform/postgres/migrate";
import { withTransaction } from "../../../services/platform/postgres/with-transaction";
import { createBoss, type QueueBoss } from "../../../services/platform/queue/create-boss";
import { ensureQueues } from "../../../services/platform/queue/queue-definition";
import { createTransport } from "../../../services/platform/twirp/client/create-transport";
import { getConversion } from "../../../services/user/conversions";
import { JourneyMetrics } from "../../../services/user/journey-metrics";
import { welcomeMail } from "../../../services/user/mails";
import {
  createOutbox,
  ORDER_CONVERSION,
  ORDER_EMAIL,
  OUTBOX_QUEUES,
  type Outbox,
  RELAY_CONVERSION,
  RELAY_EMAIL,
} from "../../../services/user/outbox";
import { createPdfUrls } from "../../../services/user/pdf-urls";
import { recordConversionOutcome } from "../../../services/user/record-conversion";
import { recordEmailOutcome } from "../../../services/user/record-email";
import { startRelays } from "../../../services/user/relays";
import { silentLogger } from "../../../services/user/testing/silent-logger";
import { createTestAuthFiles } from "../../support/auth-files";
import { createTestDatabase, type TestDatabase } from "../../support/test-database";
import {
  ADA,
  AT,
  AT_JSON,
  CONVERSION,
  CONVERSION_JOB,
  DELIVERY,
  OPTIONS,
  OPTIONS_JSON,
  PDF,
  PDF_MAIL,
  WELCOME_JOB,
} from "./examples";
import { convertedPdf, httpUrl, int64, timestamp, twirpError, uuid } from "./matchers";
import { type Interaction, type PactRecorder, recordPact } from "./record-pact";

const { string } = MatchersV3;
/** Nothing listens here; the relays of these tests do not call it. */
const NOWHERE = "http://127.0.0.1:9";
describe("what the user service expects", () => {
  const logger = silentLogger();
  let auth: AuthFiles;
  let database: TestDatabase;
  let owned: OwnedLifecycle;
  let pool: Pool;
  let boss: QueueBoss;
  let outbox: Outbox;
  let ofJob: PactRecorder;
  let ofClient: PactRecorder;

  beforeAll(async () => {
    ofJob = await recordPact({ consumer: "user", provider: "job", service: JobService });
    ofClient = await recordPact({ consumer: "user", provider: "client", service: ClientService });
    database = await createTestDatabase();
    owned = createLifecycle("user");
    const { lifecycle } = owned;
    auth = await createTestAuthFiles(lifecycle.onStop);
    const connectionString = database.url;
    pool = createPool({ connectionString, max: 4, applicationName: "test", logger });
    lifecycle.onStop("pool", () => pool.end());
    boss = createBoss({ connectionString, poolMax: 4, applicationName: "test-outbox", logger });
    lifecycle.onStop("boss", () => boss.stop());
    const directory = join(__dirname, "../../../services/user/migrations");
    await migrate({ connectionString, directory, logger });
    await boss.start();
    await ensureQueues(boss, OUTBOX_QUEUES);
    outbox = createOutbox(boss);
  });
  afterAll(async () => {
    await owned.stop("test", 5_000);
    await database.drop();
    await ofJob.expectCommitted();
    await ofClient.expectCommitted();
  });
  beforeEach(async () => {
    await pool.query("TRUNCATE users CASCADE");
    await pool.query("DELETE FROM pgboss.job");
    await pool.query("INSERT INTO users (id, content_hash, email, name, welcome_job_id) VALUES ($1, '', $2, $3, $4)", [
      ADA.id,
      ADA.email,
      ADA.name,
      WELCOME_JOB,
    ]);
    await pool.query(
      `INSERT INTO conversions
         (id, user_id, content_hash, job_id, file_name, options, source_key, source_format, source_bytes)
       VALUES ($1, $2, '', $3, 'lake.png', $4, 'uploads/lake', 'png', 70)`,
      [CONVERSION, ADA.id, CONVERSION_JOB, JSON.stringify(OPTIONS_JSON)],
    );
  });

  const journeys = new JourneyMetrics(createNoopMeter());
  /** The relays' work with nothing but one of the two services behind them, until an entry of the outbox is settled. */
  async function relay(
    { jobUrl = NOWHERE, clientUrl = NOWHERE }: { jobUrl?: string; clientUrl?: string },
    entry: { queue: string; key: string; put: () => Promise<void> },
  ): Promise<string> {
    const objectStore = createObjectStore({
      endpoint: NOWHERE,
      publicEndpoint: NOWHERE,
      region: "us-east-1",
      bucket: "mcsv",
      accessKeyId: "test",
      secretAccessKey: "test-secret",
    });
    const connect = (target: "job" | "client", baseUrl: string) => {
      const authorization = async () => `Bearer ${await auth.serviceToken("user", target)}`;
      return createTransport({ baseUrl, target, maxAttempts: 1, authorization });
    };
    const jobService = connect("job", jobUrl);
    const clientService = connect("client", clientUrl);
    const pdfUrls = createPdfUrls({ objectStore, ttlSeconds: 600, mailTtlSeconds: 600 });
    const services = { boss, outbox, pool, objectStore, pdfUrls, journeys, jobService, clientService, logger };
    const id = deterministicId("outbox", entry.queue, entry.key);
    await entry.put();
    const workers = await startRelays({ ...services, concurrency: 1, sourceUrlTtlSeconds: 600 });
    try {
      const state = async () => {
        const { rows } = await pool.query<{ state: string }>(
          "SELECT state FROM pgboss.job WHERE name = $1 AND id = $2",
          [entry.queue, id],
        );
        return rows[0]?.state ?? "none";
      };
      await expect.poll(state).toMatch(/^(completed|failed|retry)$/);
      return await state();
    } finally {
      await Promise.all(workers.map((worker) => worker.stop()));
      jobService.close();
      clientService.close();
      objectStore.close();
    }
  }

  const inTransaction = (put: Parameters<typeof withTransaction<void>>[1]) => () => withTransaction(pool, put);

  describe("of the job service", () => {
    const play = (interaction: Interaction, entry: Parameters<typeof relay>[1], state: string) =>
      ofJob.play(interaction, async (jobUrl) => {
        expect(await relay({ jobUrl }, entry)).toBe(state);
      });
    const orderConversion = {
      queue: ORDER_CONVERSION.name,
      key: CONVERSION,
      put: inTransaction((db) =>
        outbox.orderConversion(db, {
          conversionId: CONVERSION,
          userId: ADA.id,
          sourceKey: "uploads/lake",
          options: OPTIONS,
        }),
      ),
    };
    const conversionRequest = {
      idempotency_key: `conversion:${CONVERSION}`,
      user_id: ADA.id,
      conversion_id: CONVERSION,
      source_url: httpUrl("http://127.0.0.1:9000/mcsv/uploads/lake?X-Amz-Signature=0"),
      options: OPTIONS_JSON,
    };

    it("takes the order of a welcome mail, under the id that the user service has told its caller", async () => {
      const mail = welcomeMail(ADA);
      await play(
        {
          receives: "the order of a welcome mail",
          method: "EnqueueEmail",
          request: {
            idempotency_key: mail.idempotencyKey,
            user_id: ADA.id,
            email: { recipient: { address: ADA.email, name: ADA.name }, welcome: {} },
          },
          response: { job_id: WELCOME_JOB },
        },
        {
          queue: ORDER_EMAIL.name,
          key: mail.idempotencyKey,
          put: inTransaction((db) => outbox.orderEmail(db, mail)),
        },
        "completed",
      );
    });

    it("takes the order of a mail that tells of a PDF", async () => {
      await play(
        {
          receives: "the order of a mail that tells of a PDF",
          method: "EnqueueEmail",
          request: {
            idempotency_key: PDF_MAIL.idempotencyKey,
            user_id: ADA.id,
            email: {
              recipient: { address: ADA.email, name: ADA.name },
              conversion_complete: {
                conversion_id: CONVERSION,
                file_name: "lake.png",
                pdf_url: httpUrl("http://127.0.0.1:9000/mcsv/pdf/lake.pdf?X-Amz-Signature=0"),
                pdf_url_expires_at: timestamp(),
                pdf_bytes: int64("4096"),
              },
            },
          },
          response: { job_id: uuid("5d3bd2b5-8b4b-5b0c-9c38-6f3c5f9a2d1e") },
        },
        {
          queue: ORDER_EMAIL.name,
          key: PDF_MAIL.idempotencyKey,
          put: inTransaction((db) => outbox.orderEmail(db, PDF_MAIL)),
        },
        "completed",
      );
    });

    it("takes the order of a conversion, under the id that the user service has told its caller", async () => {
      await play(
        {
          receives: "the order of a conversion",
          method: "EnqueueImageConversion",
          request: conversionRequest,
          response: { job_id: CONVERSION_JOB },
        },
        orderConversion,
        "completed",
      );
    });

    it("refuses a key that stands for something else, which fails the conversion", async () => {
      await play(
        {
          given: "the key of Ada's conversion stands for another conversion",
          receives: "the order of a conversion under a key that is taken",
          method: "EnqueueImageConversion",
          request: conversionRequest,
          status: 409,
          response: twirpError("already_exists", "the key is taken", { argument: "idempotency_key" }),
        },
        orderConversion,
        "failed",
      );
      const { status, failure } = await getConversion(pool, CONVERSION);
      expect({ status, code: failure?.code }).toEqual({ status: "failed", code: "already_exists" });
    });
  });

  describe("of the client service", () => {
    const play = (interaction: Interaction, entry: Parameters<typeof relay>[1]) =>
      ofClient.play(interaction, async (clientUrl) => {
        expect(await relay({ clientUrl }, entry)).toBe("completed");
      });
    const records = () => ({
      pool,
      outbox,
      journeys,
      // No mail is ordered by these records: the entry would not find its service.
      pdfUrls: { forCaller: rejectUrl, forMail: () => Promise.resolve({ url: NOWHERE, expiresAt: new Date(AT_JSON) }) },
    });
    const rejectUrl = () => Promise.reject(new Error("no URL is asked for"));

    it("takes that a mail was delivered", async () => {
      await play(
        {
          receives: "that a mail was delivered",
          method: "NotifyEmailDelivered",
          request: {
            job_id: WELCOME_JOB,
            user_id: ADA.id,
            delivery: {
              message_id: DELIVERY.messageId,
              template: "EMAIL_TEMPLATE_WELCOME",
              recipient_address: ADA.email,
              delivered_at: timestamp(),
            },
          },
          response: {},
        },
        {
          queue: RELAY_EMAIL.name,
          key: `${WELCOME_JOB} delivered`,
          put: () =>
            recordEmailOutcome(records(), {
              jobId: WELCOME_JOB,
              userId: ADA.id,
              outcome: { kind: "delivered", delivery: DELIVERY, at: new Date(Number(AT.seconds) * 1000) },
            }),
        },
      );
    });

    it("takes that a mail has failed", async () => {
      const failure = { code: "failed_precondition", message: "the SMTP server refused" };
      await play(
        {
          receives: "that a mail has failed",
          method: "NotifyEmailDelivered",
          request: {
            job_id: WELCOME_JOB,
            user_id: ADA.id,
            failure: { code: failure.code, message: string(failure.message) },
          },
          response: {},
        },
        {
          queue: RELAY_EMAIL.name,
          key: `${WELCOME_JOB} failed`,
          put: () =>
            recordEmailOutcome(records(), {
              jobId: WELCOME_JOB,
              userId: ADA.id,
              outcome: { kind: "failed", failure },
            }),
        },
      );
    });

    const ended = {
      id: CONVERSION,
      user_id: ADA.id,
      job_id: CONVERSION_JOB,
      file_name: "lake.png",
      options: OPTIONS_JSON,
      source_format: "IMAGE_FORMAT_PNG",
      source_bytes: int64("70"),
      created_at: timestamp(),
      ended_at: timestamp(),
    };

    it("takes that an image was converted, with a URL of the PDF", async () => {
      await play(
        {
          receives: "that an image was converted",
          method: "NotifyImageConverted",
          request: {
            conversion: {
              ...ended,
              status: "CONVERSION_STATUS_COMPLETED",
              pdf: convertedPdf(CONVERSION_JOB),
              pdf_url: httpUrl("http://127.0.0.1:9000/mcsv/pdf/lake.pdf?X-Amz-Signature=0"),
              pdf_url_expires_at: timestamp(),
            },
          },
          response: {},
        },
        {
          queue: RELAY_CONVERSION.name,
          key: `${CONVERSION} completed`,
          put: () =>
            recordConversionOutcome(records(), {
              jobId: CONVERSION_JOB,
              conversionId: CONVERSION,
              outcome: { kind: "completed", pdf: PDF },
            }),
        },
      );
    });

    it("takes that a conversion has failed", async () => {
      const failure = { code: "invalid_argument", message: "not an image" };
      await play(
        {
          receives: "that a conversion has failed",
          method: "NotifyImageConverted",
          request: {
            conversion: {
              ...ended,
              status: "CONVERSION_STATUS_FAILED",
              failure: { code: failure.code, message: string(failure.message) },
            },
          },
          response: {},
        },
        {
          queue: RELAY_CONVERSION.name,
          key: `${CONVERSION} failed`,
          put: () =>
            recordConversionOutcome(records(), {
              jobId: CONVERSION_JOB,
              conversionId: CONVERSION,
              outcome: { kind: "failed", failure },
            }),
        },
      );
    });
  });
});
