import { SpanKind } from "@opentelemetry/api";
import { createTransport } from "nodemailer";
import { errorTypeOf } from "../platform/telemetry/record-failure";
import { withSpan } from "../platform/telemetry/with-span";
import type { RenderedMail } from "./render-mail";
import type { Mailbox } from "./sender";
import { SmtpFailure, toSmtpFailure } from "./smtp-failure";

/** How to reach the SMTP server. */
export interface SmtpOptions {
  /** `smtp://[user:password@]host[:port]`, or `smtps` for TLS from the start. */
  readonly url: string;
  /** Whether to refuse a server without STARTTLS. */
  readonly requireTls: boolean;
  /** Most connections. */
  readonly poolSize: number;
  /** For a connection to be accepted, and for its greeting. */
  readonly timeoutMs: number;
  /** For each answer: long, because a mail may be kept although its answer is late (RFC 5321, section 4.5.3.2.6). */
  readonly answerTimeoutMs: number;
  /** Sender of all mails. */
  readonly from: Mailbox;
}

/** A mail with all that SMTP needs. */
interface OutgoingMail extends RenderedMail {
  readonly recipient: Mailbox;
  /** Without angle brackets. */
  readonly messageId: string;
  readonly date: Date;
}

/** Hands mails to an SMTP server over a few connections that stay open. */
export interface SmtpSender {
  /**
   * Resolves when the server has accepted the mail.
   *
   * @throws SmtpFailure
   */
  send(mail: OutgoingMail): Promise<void>;
  /** Health check: connects, greets and logs in. */
  check(): Promise<void>;
  /** Lets mails under way finish and closes the connections. */
  close(): void;
}

/** Mails over one connection before it is replaced. */
const MAX_MESSAGES_PER_CONNECTION = 1_000;
/** A mail takes no longer than so many answers of the server may, however slowly they trickle in. */
const MAX_TIMEOUTS_PER_MAIL = 4;

/** Opens no connection before the first mail. */
export function createSmtpSender({
  url,
  requireTls,
  poolSize,
  timeoutMs,
  answerTimeoutMs,
  from,
}: SmtpOptions): SmtpSender {
  const { protocol, hostname, port, username, password } = new URL(url);
  const secure = protocol === "smtps:";
  const host = hostname.replace(/^\[|\]$/g, "");
  const server = { host, port: Number(port) || (secure ? 465 : 587) };
  const transport = createTransport(
    {
      ...server,
      secure,
      requireTLS: requireTls && !secure,
      ...(username !== "" && { auth: { user: decodeURIComponent(username), pass: decodeURIComponent(password) } }),
      pool: true,
      maxConnections: poolSize,
      maxMessages: MAX_MESSAGES_PER_CONNECTION,
      connectionTimeout: timeoutMs,
      greetingTimeout: timeoutMs,
      socketTimeout: answerTimeoutMs,
      dnsTimeout: timeoutMs,
      // Nothing in a mail may make the transport read files or fetch URLs.
      disableFileAccess: true,
      disableUrlAccess: true,
    },
    { disableFileAccess: true, disableUrlAccess: true },
  );
  // Errors of idle connections: whoever sends next gets a new one.
  transport.on("error", () => undefined);

  return {
    send: (mail) =>
      withSpan(
        "smtp send",
        {
          kind: SpanKind.CLIENT,
          attributes: { "server.address": server.host, "server.port": server.port },
          errorType: (error) => (error instanceof SmtpFailure ? error.reason : errorTypeOf(error)),
        },
        async (span) => {
          try {
            const { response } = await transport.sendMail({
              ...toMessage(mail, from),
              signal: AbortSignal.timeout(MAX_TIMEOUTS_PER_MAIL * answerTimeoutMs),
            });
            span.setAttribute("smtp.response.status_code", Number.parseInt(response, 10));
          } catch (error) {
            const failure = toSmtpFailure(error);
            if (failure.smtpCode !== undefined) {
              span.setAttribute("smtp.response.status_code", failure.smtpCode);
            }
            throw failure;
          }
        },
      ),
    check: async () => {
      await transport.verify();
    },
    close: () => transport.close(),
  };
}

/** The mail for nodemailer. Mailboxes go in as objects: a text would be parsed, and could hold more than one. */
function toMessage(mail: OutgoingMail, from: Mailbox) {
  return {
    from,
    to: [mail.recipient],
    envelope: { from: from.address, to: [mail.recipient.address] },
    subject: mail.subject,
    text: mail.text,
    html: mail.html,
    messageId: `<${mail.messageId}>`,
    date: mail.date,
    // RFC 3834: nobody's vacation responder needs to answer.
    headers: { "Auto-Submitted": "auto-generated" },
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}
