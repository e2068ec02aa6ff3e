import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MatchersV3 } from "@pact-foundation/pact";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PageSize, Quality } from "../../../gen/client/mcsv/v1/image";
import { ConversionStatus } from "../../../gen/client/mcsv/v1/user";
import type { UserServiceClientProtobuf } from "../../../gen/client/mcsv/v1/user.twirp-client";
import { UserService } from "../../../gen/twirp/mcsv/v1/user";
import { type Clients, connect } from "../../../services/client/cli/clients";
import { findOrCreateUser } from "../../../services/client/cli/find-or-create-user";
import { imageSource } from "../../../services/client/cli/image-source";
import { PNG } from "../../../services/user/testing/images";
import { ADAS_TOKEN, API_KEY } from "./credentials";
import { ADA, CONVERSION, CONVERSION_JOB, NOBODY, OPTIONS_JSON, UPLOAD, WELCOME_JOB } from "./examples";
import { convertedPdf, httpUrl, idempotencyKey, int64, timestamp, twirpError, uuid } from "./matchers";
import { type Interaction, type PactRecorder, recordPact } from "./record-pact";

const { regex, string } = MatchersV3;

const user = {
  id: uuid(ADA.id),
  email: ADA.email,
  name: ADA.name,
  created_at: timestamp(),
  welcome_job_id: uuid(WELCOME_JOB),
};
const pending = {
  id: uuid(CONVERSION),
  user_id: ADA.id,
  job_id: uuid(CONVERSION_JOB),
  file_name: "lake.png",
  options: OPTIONS_JSON,
  status: "CONVERSION_STATUS_PENDING",
  source_format: "IMAGE_FORMAT_PNG",
  source_bytes: int64("70"),
  created_at: timestamp(),
};
const tokenForAda: Interaction = {
  given: "Ada is a user",
  receives: "the request for Ada's access token",
  method: "CreateAccessToken",
  request: { user_id: ADA.id },
  response: {
    token: regex(/^[\w-]+\.[\w-]+\.[\w-]+$/, ADAS_TOKEN),
    // Far away, so that what is played is good for as long as the pact is kept.
    expires_at: timestamp("2126-01-02T03:04:05Z"),
  },
};
const order = {
  userId: "",
  fileName: "lake.png",
  options: {
    quality: Quality.QUALITY_HIGH,
    pageSize: PageSize.PAGE_SIZE_A4,
    densityDpi: 150,
    maxWidthPx: 0,
    maxHeightPx: 0,
    stripMetadata: true,
  },
};

describe("what the command line expects of the user service", () => {
  let pact: PactRecorder;
  let directory: string;
  beforeAll(async () => {
    pact = await recordPact({ consumer: "cli", provider: "user", service: UserService });
    directory = await mkdtemp(join(tmpdir(), "mcsv-pact-"));
  });
  afterAll(async () => {
    await rm(directory, { recursive: true, force: true });
    await pact.expectCommitted();
  });

  const play = (interactions: Parameters<PactRecorder["play"]>[0], use: (clients: Clients) => Promise<void>) =>
    pact.play(interactions, async (url) => {
      const clients = connect({ user: url, job: url }, { concurrency: 1, apiKey: API_KEY });
      try {
        await use(clients);
      } finally {
        clients.close();
      }
    });

  /** Plays a call in Ada's name, before which the command line gets itself her token. */
  const playAsAda = (interaction: Interaction, use: (ada: UserServiceClientProtobuf) => Promise<void>) =>
    play([tokenForAda, { ...interaction, caller: "user" }], (clients) => use(clients.asUser(ADA.id)));

  it("creates a user", async () => {
    const request = { idempotency_key: idempotencyKey("k-ada"), email: ADA.email, name: ADA.name };
    await play(
      { receives: "the order of a new user", method: "CreateUser", request, response: { user } },
      async ({ users }) => {
        const answer = await users.CreateUser({ idempotencyKey: "k-ada", email: ADA.email, name: ADA.name });
        expect(answer.user).toMatchObject({ id: ADA.id, welcomeJobId: WELCOME_JOB, createdAt: expect.any(Date) });
      },
    );
  });

  it("is told whose address is taken", async () => {
    await play(
      {
        given: "Ada is a user",
        receives: "the order of a user with Ada's address",
        method: "CreateUser",
        request: { idempotency_key: idempotencyKey("k-other"), email: ADA.email, name: "Another Ada" },
        status: 409,
        response: twirpError("already_exists", "email belongs to another user", { argument: "email" }),
      },
      async ({ users }) => {
        const call = users.CreateUser({ idempotencyKey: "k-other", email: ADA.email, name: "Another Ada" });
        await expect(call).rejects.toMatchObject({ code: "already_exists", meta: { argument: "email" } });
      },
    );
  });

  it("is told which field is wrong", async () => {
    await play(
      {
        receives: "the order of a user without an address",
        method: "CreateUser",
        request: { idempotency_key: idempotencyKey("k-none"), email: "not an address", name: ADA.name },
        status: 400,
        response: twirpError("invalid_argument", "email must be an address", { argument: "email" }),
      },
      async ({ users }) => {
        const call = users.CreateUser({ idempotencyKey: "k-none", email: "not an address", name: ADA.name });
        await expect(call).rejects.toMatchObject({ code: "invalid_argument", meta: { argument: "email" } });
      },
    );
  });

  it("finds a user by address", async () => {
    await play(
      {
        given: "Ada is a user",
        receives: "a question for Ada by address",
        method: "GetUser",
        request: { email: ADA.email },
        response: { user },
      },
      async (clients) => {
        expect(await findOrCreateUser(clients, ADA.email, ADA.name)).toMatchObject({ id: ADA.id, name: ADA.name });
      },
    );
  });

  it("sees that a welcome mail was delivered", async () => {
    await play(
      {
        given: "Ada's welcome mail was delivered",
        receives: "a question for Ada by id",
        method: "GetUser",
        request: { id: ADA.id },
        response: { user: { ...user, welcome_delivered_at: timestamp() } },
      },
      async ({ users }) => {
        const answer = await users.GetUser({ key: { $case: "id", id: ADA.id } });
        expect(answer.user?.welcomeDeliveredAt).toBeInstanceOf(Date);
      },
    );
  });

  it("is told that there is no such user", async () => {
    await play(
      {
        receives: "a question for a user whom nobody knows",
        method: "GetUser",
        request: { email: "nobody@example.com" },
        status: 404,
        response: twirpError("not_found", "no such user"),
      },
      async ({ users }) => {
        const call = users.GetUser({ key: { $case: "email", email: "nobody@example.com" } });
        await expect(call).rejects.toMatchObject({ code: "not_found" });
      },
    );
  });

  it("prepares an upload", async () => {
    await playAsAda(
      {
        given: "Ada is a user",
        receives: "the announcement of an upload",
        method: "CreateUpload",
        request: {
          idempotency_key: idempotencyKey("k-upload"),
          format: "IMAGE_FORMAT_PNG",
          size_bytes: int64("9000000"),
        },
        response: {
          upload: {
            id: uuid(UPLOAD),
            url: httpUrl(`http://127.0.0.1:9/mcsv/uploads/${UPLOAD}?X-Amz-Signature=0`),
            headers: { "content-type": "image/png", "content-length": string("9000000") },
            expires_at: timestamp(),
          },
        },
      },
      async (ada) => {
        const file = join(directory, "large.png");
        await writeFile(file, Buffer.concat([PNG], 9_000_000));
        // The contract ends where the presigned URL begins: there is nothing behind the one of the example.
        await expect(imageSource(ada, file)).rejects.toThrow("object store at http://127.0.0.1:9");
      },
    );
  });

  it("orders the conversion of an inline image", async () => {
    const image = PNG.toString("base64");
    await playAsAda(
      {
        given: "Ada is a user",
        receives: "the order of a conversion of an inline image",
        method: "ConvertImage",
        request: {
          idempotency_key: idempotencyKey("k-inline"),
          file_name: "lake.png",
          options: OPTIONS_JSON,
          image: regex(/^[A-Za-z0-9+/]+=*$/, image),
        },
        response: { conversion: pending },
      },
      async (ada) => {
        const file = join(directory, "lake.png");
        await writeFile(file, PNG);
        const source = await imageSource(ada, file);
        const { conversion } = await ada.ConvertImage({ ...order, idempotencyKey: "k-inline", source });
        expect(conversion).toMatchObject({
          id: CONVERSION,
          jobId: CONVERSION_JOB,
          status: ConversionStatus.CONVERSION_STATUS_PENDING,
          sourceBytes: 70n,
        });
      },
    );
  });

  it("is told that nothing was uploaded", async () => {
    await playAsAda(
      {
        given: "Ada has announced an upload and uploaded nothing",
        receives: "the order of a conversion of an upload that is not there",
        method: "ConvertImage",
        request: {
          idempotency_key: idempotencyKey("k-missing"),
          file_name: "lake.png",
          options: OPTIONS_JSON,
          upload_id: UPLOAD,
        },
        status: 412,
        response: twirpError("failed_precondition", "nothing was uploaded yet"),
      },
      async (ada) => {
        const source = { $case: "uploadId", uploadId: UPLOAD } as const;
        const call = ada.ConvertImage({ ...order, idempotencyKey: "k-missing", source });
        await expect(call).rejects.toMatchObject({ code: "failed_precondition" });
      },
    );
  });

  it("gets a conversion with a URL of its PDF", async () => {
    await playAsAda(
      {
        given: "Ada's conversion is completed",
        receives: "a question for a completed conversion",
        method: "GetConversion",
        request: { conversion_id: CONVERSION },
        response: {
          conversion: {
            ...pending,
            status: "CONVERSION_STATUS_COMPLETED",
            ended_at: timestamp(),
            pdf: convertedPdf(CONVERSION_JOB),
            pdf_url: httpUrl("http://127.0.0.1:9000/mcsv/pdf/x.pdf?X-Amz-Signature=0"),
            pdf_url_expires_at: timestamp(),
          },
        },
      },
      async (ada) => {
        const { conversion } = await ada.GetConversion({ conversionId: CONVERSION });
        expect(conversion?.pdf).toMatchObject({ widthPx: 64, outputBytes: 4096n });
        expect(conversion?.pdfUrl).toContain("X-Amz-Signature");
      },
    );
  });

  it("gets a conversion with the reason why it failed", async () => {
    await playAsAda(
      {
        given: "Ada's conversion has failed",
        receives: "a question for a failed conversion",
        method: "GetConversion",
        request: { conversion_id: CONVERSION },
        response: {
          conversion: {
            ...pending,
            status: "CONVERSION_STATUS_FAILED",
            ended_at: timestamp(),
            failure: { code: "invalid_argument", message: string("not an image") },
          },
        },
      },
      async (ada) => {
        const { conversion } = await ada.GetConversion({ conversionId: CONVERSION });
        expect(conversion?.failure?.code).toBe("invalid_argument");
      },
    );
  });

  it("is told that there is no such conversion", async () => {
    await playAsAda(
      {
        receives: "a question for a conversion that nobody ordered",
        method: "GetConversion",
        request: { conversion_id: NOBODY },
        status: 404,
        response: twirpError("not_found", "no such conversion"),
      },
      async (ada) => {
        await expect(ada.GetConversion({ conversionId: NOBODY })).rejects.toMatchObject({
          code: "not_found",
        });
      },
    );
  });
});
