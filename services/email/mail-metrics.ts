import type { Meter } from "@opentelemetry/api";
import { EmailTemplate } from "../../gen/twirp/mcsv/v1/email";
import { SmtpFailure } from "./smtp-failure";

const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/**
 * What is measured of mails that are handed to the SMTP server. Labels: `template` (welcome, notification,
 * conversion_complete) and `result` (ok, or the reason of the failure, such as smtp_4xx).
 */
export class MailMetrics {
  readonly #duration;

  constructor(meter: Meter) {
    this.#duration = meter.createHistogram("mcsv.mail.send.duration", {
      unit: "s",
      description: "Time to hand a mail to the SMTP server, or to fail.",
      advice: { explicitBucketBoundaries: SECONDS },
    });
  }

  /** Runs `send`, and records how it went. */
  async measure(template: EmailTemplate, send: () => Promise<void>): Promise<void> {
    const startedMs = performance.now();
    const record = (result: string) =>
      this.#duration.record((performance.now() - startedMs) / 1000, {
        template: EmailTemplate[template].toLowerCase(),
        result,
      });
    try {
      await send();
      record("ok");
    } catch (error) {
      record(error instanceof SmtpFailure ? error.reason : "internal");
      throw error;
    }
  }
}
