import { SMTPServer, type SMTPServerDataStream, type SMTPServerSession } from "smtp-server";
import type { SmtpEvent, SmtpHook } from "./smtp-events";
import type { StoredMail } from "./stored-mail";

/** What the receiver does with mails. */
export interface SmtpReceiverOptions {
  readonly maxMessageBytes: number;
  /** Stores a mail; the client is told that it was accepted once this has resolved. */
  readonly store: (mail: Omit<StoredMail, "id">) => Promise<StoredMail>;
  readonly hook: SmtpHook | undefined;
  readonly onError: (cause: unknown) => void;
}

const maxClients = 500;
const maxRecipients = 100;
const socketTimeoutMs = 5 * 60_000;
const closeTimeoutMs = 2_000;

/** An error that smtp-server answers with a code of ours. */
class SmtpReply extends Error {
  readonly responseCode: number;

  constructor(responseCode: number, message: string) {
    super(message);
    this.responseCode = responseCode;
  }
}

/** An SMTP server that accepts every mail for everybody, and relays none. */
export function createSmtpReceiver(options: SmtpReceiverOptions): SMTPServer {
  const drop = (session: SMTPServerSession) => {
    for (const connection of server.connections) {
      if (connection.session.id === session.id) {
        connection._socket.destroy();
      }
    }
  };
  /** Resolves to whether to go on: not when the hook has cut the connection. */
  const consult = async (session: SMTPServerSession, event: Omit<SmtpEvent, "session">): Promise<boolean> => {
    const intervention = await options.hook?.({ ...event, session: session.id });
    if (intervention === undefined) {
      return true;
    }
    if (intervention === "drop") {
      drop(session);
      return false;
    }
    throw new SmtpReply(intervention.code, intervention.message);
  };
  const settle = (work: Promise<boolean>, callback: (error?: Error | null) => void) => {
    work.then(
      (goOn) => goOn && callback(),
      (cause: unknown) => {
        if (cause instanceof SmtpReply) {
          callback(cause);
          return;
        }
        options.onError(cause);
        callback(new SmtpReply(451, "The mail could not be stored, try again later"));
      },
    );
  };

  const receive = async (stream: SMTPServerDataStream, session: SMTPServerSession): Promise<boolean> => {
    const chunks: Buffer[] = [];
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      if (!stream.sizeExceeded) {
        chunks.push(chunk);
      }
    }
    if (stream.sizeExceeded) {
      throw new SmtpReply(552, `The mail is longer than ${options.maxMessageBytes} bytes`);
    }
    const sender = senderOf(session);
    const recipients = session.envelope.rcptTo.map(({ address }) => address);
    if (!(await consult(session, { stage: "data", sender, recipients }))) {
      return false;
    }
    const { id: mailId } = await options.store({
      receivedAt: Date.now(),
      sender,
      recipients,
      source: Buffer.concat(chunks),
    });
    return await consult(session, { stage: "accepted", sender, recipients, mailId });
  };

  const server = new SMTPServer({
    name: "mcsv-inbox",
    banner: "mcsv local inbox",
    size: options.maxMessageBytes,
    maxClients,
    maxRecipients,
    socketTimeout: socketTimeoutMs,
    closeTimeout: closeTimeoutMs,
    disabledCommands: ["AUTH", "STARTTLS"],
    disableReverseLookup: true,
    maxAllowedUnauthenticatedCommands: false,
    logger: false,
    onConnect: (session, callback) =>
      settle(consult(session, { stage: "connect", sender: "", recipients: [] }), callback),
    onRcptTo: ({ address }, session, callback) => {
      const recipients = [...session.envelope.rcptTo.map((recipient) => recipient.address), address];
      settle(consult(session, { stage: "recipient", sender: senderOf(session), recipients }), callback);
    },
    onData: (stream, session, callback) => settle(receive(stream, session), callback),
  });
  // Errors of single connections, such as clients that went away, come here too: they concern nobody else.
  server.on("error", () => undefined);
  return server;
}

function senderOf(session: SMTPServerSession): string {
  return session.envelope.mailFrom === false ? "" : session.envelope.mailFrom.address;
}
