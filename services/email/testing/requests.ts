import { randomUUID } from "node:crypto";
import { type Email, SendEmailRequest } from "../../../gen/twirp/mcsv/v1/email";

/** A request for a welcome mail of a job of its own; each part can be another. */
export function welcomeRequest(more: { jobId?: string; address?: string; name?: string } = {}): SendEmailRequest {
  return requestWith({ oneofKind: "welcome", welcome: {} }, more);
}

/** A request for a mail with some content. */
export function requestWith(
  content: Email["content"],
  more: { jobId?: string; address?: string; name?: string } = {},
): SendEmailRequest {
  const { jobId = randomUUID(), address = "ada@example.com", name = "Ada Lovelace" } = more;
  return SendEmailRequest.create({ jobId, email: { recipient: { address, name }, content } });
}
