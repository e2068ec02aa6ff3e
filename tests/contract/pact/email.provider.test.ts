import { afterAll, beforeAll, describe, it } from "vitest";
import { EmailService } from "../../../gen/twirp/mcsv/v1/email";
import { requestWith, welcomeRequest } from "../../../services/email/testing/requests";
import { startEmailService, type TestEmailService } from "../../../services/email/testing/start-email-service";
import { ADA, WELCOME_JOB } from "./examples";
import { CODECS, verifyPact } from "./verify-pacts";

describe("the email service keeps its pact", () => {
  let service: TestEmailService;
  beforeAll(async () => {
    service = await startEmailService();
  });
  afterAll(() => service.stop());

  const reset = async () => {
    service.hook = undefined;
    await service.pool.query("TRUNCATE sent_ledger");
  };
  const recipient = { jobId: WELCOME_JOB, address: ADA.email, name: ADA.name };
  const answerRecipients = (code: number, message: string) => () => {
    service.hook = ({ stage }) => (stage === "recipient" ? { code, message } : undefined);
    return Promise.resolve();
  };
  const states = {
    "the mail of Ada's welcome job was sent": async () => {
      await service.client.SendEmail(welcomeRequest(recipient));
    },
    "another mail of Ada's welcome job was sent": async () => {
      const notification = { subject: "Another mail", message: "It is not the welcome mail." };
      await service.client.SendEmail(requestWith({ oneofKind: "notification", notification }, recipient));
    },
    "the SMTP server refuses Ada for good": answerRecipients(550, "no such mailbox"),
    "the SMTP server asks to try later": answerRecipients(451, "try again later"),
  };

  it.each(CODECS)("with job, spoken to in %s", async (codec) => {
    const { url } = service;
    await verifyPact({
      consumer: "job",
      auth: service.auth,
      provider: "email",
      url,
      service: EmailService,
      codec,
      states,
      reset,
    });
  });
});
