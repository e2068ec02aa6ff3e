import { Email, EmailDelivery } from "../../gen/twirp/mcsv/v1/email";
import { EmailServiceClientProtobuf } from "../../gen/twirp/mcsv/v1/email.twirp";
import { type Worker, work } from "../platform/queue/work";
import { internal } from "../platform/twirp/errors";
import { emailCallback } from "./callback-jobs";
import { type EmailJobData, effectIdOf, fromStored } from "./job-data";
import { EMAIL_QUEUE } from "./queues";
import type { WorkerContext } from "./worker-context";

/** Sends mails through the email service, and orders the callback that tells what became of each. */
export function startEmailWorker({ boss, transport, logger, settings }: WorkerContext): Promise<Worker> {
  return work<EmailJobData, EmailDelivery>(boss, {
    ...settings,
    queue: EMAIL_QUEUE,
    subjectOf: ({ data }) => ({ userId: data.userId }),
    logger,
    handle: async ({ id, data, signal }) => {
      const emails = new EmailServiceClientProtobuf(transport.with({ signal, timeoutMs: settings.attemptTimeoutMs }));
      const { delivery } = await emails.SendEmail({
        jobId: effectIdOf({ id, data }),
        email: fromStored(Email, data.email),
      });
      if (delivery === undefined) {
        throw internal(new Error("the email service answered without a delivery"));
      }
      return delivery;
    },
    store: (delivery) => EmailDelivery.toJson(delivery),
    onCompleted: (job, delivery) => [
      emailCallback(effectIdOf(job), job.data.userId, { oneofKind: "delivery", delivery }),
    ],
    onFailed: (job, failure) => [emailCallback(effectIdOf(job), job.data.userId, { oneofKind: "failure", failure })],
  });
}
