import { TwirpErrorCode } from "twirp-ts";
import { Timestamp } from "../../gen/twirp/google/protobuf/timestamp";
import type { EmailDelivery, SendEmailRequest, SendEmailResponse } from "../../gen/twirp/mcsv/v1/email";
import type { EmailServiceTwirp } from "../../gen/twirp/mcsv/v1/email.twirp";
import { noteSubject } from "../platform/http/request-context";
import { isTransientDatabaseError } from "../platform/postgres/is-transient";
import type { CallContext } from "../platform/twirp/call-context";
import { blame, twirpError, unavailable } from "../platform/twirp/errors";
import type { DeliverOnce } from "./deliver-once";
import { readSendEmail } from "./request";
import type { Delivery } from "./sent-ledger";
import { SmtpFailure } from "./smtp-failure";

/** EmailService of the contract. */
export class EmailService implements EmailServiceTwirp<CallContext> {
  constructor(private readonly deliverOnce: DeliverOnce) {}

  async SendEmail(ctx: CallContext, request: SendEmailRequest): Promise<SendEmailResponse> {
    const mail = readSendEmail(request);
    noteSubject({ jobId: mail.jobId });
    try {
      const delivery = await this.deliverOnce.deliver(mail, ctx.signal);
      ctx.logger.info("mail delivered", { message_id: delivery.messageId });
      return { delivery: deliveryToProto(delivery) };
    } catch (error) {
      throw toTwirpError(ctx, error);
    }
  }
}

function toTwirpError({ logger }: CallContext, error: unknown): unknown {
  if (error instanceof SmtpFailure) {
    logger.warn(error.message, { error: error.cause });
    const code = error.transient ? TwirpErrorCode.Unavailable : TwirpErrorCode.FailedPrecondition;
    const meta = error.smtpCode === undefined ? undefined : { smtp_code: String(error.smtpCode) };
    return blame(twirpError(code, error.message, meta), error.reason);
  }
  if (isTransientDatabaseError(error)) {
    logger.warn("the database does not answer", { error });
    return blame(unavailable("the database does not answer; try again", error), "database_unavailable");
  }
  return error;
}

function deliveryToProto(delivery: Delivery): EmailDelivery {
  return {
    messageId: delivery.messageId,
    template: delivery.template,
    recipientAddress: delivery.recipientAddress,
    deliveredAt: Timestamp.fromDate(delivery.deliveredAt),
  };
}
