import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { MatchersV3 } from "@pact-foundation/pact";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { EmailService } from "../../../gen/twirp/mcsv/v1/email";
import { EmailServiceClientProtobuf } from "../../../gen/twirp/mcsv/v1/email.twirp";
import { startEmailService, type TestEmailService } from "../../../services/email/testing/start-email-service";
import { createTransport } from "../../../services/platform/twirp/client/create-transport";
import { temporaryDirectory } from "../../support/temporary-directory";
import { ADA, WELCOME_JOB } from "./examples";
import { canonicalPact, committedPact, PACTS_DIRECTORY, PAIRS, pactFileName } from "./pact-files";
import { type PactRecorder, recordPact } from "./record-pact";
import { verifyPact } from "./verify-pacts";

describe("the pacts", () => {
  it("are there for each pair that talks, and no other", async () => {
    const expected = PAIRS.map(([consumer, provider]) => pactFileName(consumer, provider));
    expect((await readdir(PACTS_DIRECTORY)).sort()).toEqual(expected.sort());
  });

  it.each(PAIRS)("are kept in the one form: %s of %s", async (consumer, provider) => {
    const text = await readFile(committedPact(consumer, provider), "utf8");
    expect(canonicalPact(text)).toBe(text);
  });
});

describe("a provider that breaks a pact", () => {
  let service: TestEmailService;
  beforeAll(async () => {
    service = await startEmailService();
  });
  afterAll(() => service.stop());

  /** Verifies the pact of job and email after a change to its text. */
  async function verifyChanged(before: string, after: string, states?: Parameters<typeof verifyPact>[0]["states"]) {
    const text = await readFile(committedPact("job", "email"), "utf8");
    const { interactions, ...rest } = JSON.parse(text) as { interactions: { description: string }[] };
    const welcome = interactions.filter(({ description }) => description === "a welcome mail");
    const one = JSON.stringify({ ...rest, interactions: welcome });
    expect(one).toContain(before);
    const pact = join(temporaryDirectory(), "changed.json");
    await writeFile(pact, one.replaceAll(before, after));
    await service.pool.query("TRUNCATE sent_ledger");
    const parties = { consumer: "job", provider: "email", service: EmailService, codec: "json" } as const;
    await verifyPact({ ...parties, auth: service.auth, url: service.url, states: states ?? {}, pact });
  }

  it("passes as long as it does not", async () => {
    await verifyChanged("EMAIL_TEMPLATE_WELCOME", "EMAIL_TEMPLATE_WELCOME");
  });

  it("fails by the field that the consumer reads and the answer lacks", async () => {
    await expect(verifyChanged("delivered_at", "accepted_at")).rejects.toThrow(
      /email breaks its pact with job:[\s\S]*accepted_at/,
    );
  });

  it("fails by the enum value that the consumer expects and the answer does not have", async () => {
    await expect(verifyChanged("EMAIL_TEMPLATE_WELCOME", "EMAIL_TEMPLATE_GREETING")).rejects.toThrow(
      /\$\.delivery\.template[\s\S]*EMAIL_TEMPLATE_GREETING/,
    );
  });

  it("fails by the status", async () => {
    await expect(verifyChanged('"status":200', '"status":202')).rejects.toThrow(/202/);
  });

  it("fails by a state that it cannot be brought into", async () => {
    const changed = verifyChanged(
      '"description":"a welcome mail"',
      '"description":"a welcome mail","providerStates":[{"name":"it rains"}]',
    );
    await expect(changed).rejects.toThrow("email cannot be brought into these states: it rains");
  });
});

describe("a consumer that breaks a pact", () => {
  let pact: PactRecorder;
  beforeAll(async () => {
    pact = await recordPact({ consumer: "job", provider: "email", service: EmailService });
  });

  const signed = "Bearer a.signed.token";
  const play = (
    address: string,
    call: (emails: EmailServiceClientProtobuf) => Promise<unknown>,
    authorization: string = signed,
  ) =>
    pact.play(
      {
        receives: "a welcome mail",
        method: "SendEmail",
        request: { job_id: WELCOME_JOB, email: { recipient: { address, name: ADA.name }, welcome: {} } },
        response: { delivery: { message_id: MatchersV3.string("m@mcsv.example") } },
      },
      async (url) => {
        const options = { target: "email", maxAttempts: 1, authorization: () => Promise.resolve(authorization) };
        const transport = createTransport({ baseUrl: url, ...options });
        try {
          await call(new EmailServiceClientProtobuf(transport));
        } finally {
          transport.close();
        }
      },
    );
  const welcome = {
    jobId: WELCOME_JOB,
    email: {
      recipient: { address: ADA.email, name: ADA.name },
      content: { oneofKind: "welcome", welcome: {} } as const,
    },
  };

  it("fails when it sends something else", async () => {
    await expect(play("ada@other.example", (emails) => emails.SendEmail(welcome))).rejects.toThrow();
  });

  it("fails when it proves in another way who it is, or not at all", async () => {
    const send = (emails: EmailServiceClientProtobuf) => emails.SendEmail(welcome);
    await expect(play(ADA.email, send, `Bearer mcsv_${"0".repeat(43)}`)).rejects.toThrow();
    await expect(play(ADA.email, send, "")).rejects.toThrow();
  });

  it("fails when it sends nothing", async () => {
    await expect(play(ADA.email, () => Promise.resolve())).rejects.toThrow(/SendEmail/);
  });

  it("fails when what it expects is not what is kept", async () => {
    await play(ADA.email, (emails) => emails.SendEmail(welcome));
    const compared = pact.expectCommitted({ update: false });
    await expect(compared).rejects.toThrow("job expects something else of email than the kept pact says");
  });
});
