import type { Server } from "node:net";
import { createInboxHttpServer } from "./inbox-http-server";
import { Mailbox } from "./mailbox";
import type { SmtpHook } from "./smtp-events";
import { createSmtpReceiver } from "./smtp-receiver";

/** How to run the inbox. */
export interface InboxOptions {
  /** TCP ports; 0 picks free ones. */
  readonly smtpPort: number;
  readonly httpPort: number;
  /** Address to listen on; 127.0.0.1 by default. */
  readonly host?: string;
  /** Folder that keeps the mails over restarts; without one they are in memory only. */
  readonly dataDirectory?: string;
  /** Number of mails that are kept, the newest; 10,000 by default. */
  readonly maxMessages?: number;
  /** Bytes of all mails that are kept; 128 MiB by default. */
  readonly maxTotalBytes?: number;
  /** Longest mail that is accepted, in bytes; 25 MiB by default. */
  readonly maxMessageBytes?: number;
  /** For tests: answers otherwise, waits, or cuts the connection. */
  readonly onMessage?: SmtpHook;
  readonly onError?: (cause: unknown) => void;
}

/** A running inbox. */
export interface Inbox {
  readonly smtpPort: number;
  readonly httpPort: number;
  close(): Promise<void>;
}

/** Starts an SMTP server that keeps every mail, with Mailpit's REST paths and a page to read them. */
export async function startInbox(options: InboxOptions): Promise<Inbox> {
  const { maxMessages = 10_000, maxTotalBytes = 128 * 1024 ** 2, maxMessageBytes = 25 * 1024 ** 2 } = options;
  const host = options.host ?? "127.0.0.1";
  const onError = options.onError ?? (() => undefined);
  const mailbox = await Mailbox.open({ maxMessages, maxTotalBytes }, options.dataDirectory);
  const counters = { startedAt: Date.now(), accepted: 0, acceptedBytes: 0 };

  const smtp = createSmtpReceiver({
    maxMessageBytes,
    hook: options.onMessage,
    onError,
    store: async (mail) => {
      const stored = await mailbox.add(mail);
      counters.accepted++;
      counters.acceptedBytes += mail.source.length;
      return stored;
    },
  });
  const http = createInboxHttpServer(mailbox, () => counters, onError);

  const smtpPort = await listen(smtp.server, options.smtpPort, host);
  const closeSmtp = () => new Promise<void>((resolve) => smtp.close(resolve));
  const httpPort = await listen(http, options.httpPort, host).catch(async (cause: unknown) => {
    await closeSmtp();
    throw cause;
  });
  return {
    smtpPort,
    httpPort,
    close: async () => {
      const closed = new Promise<void>((resolve) => http.close(() => resolve()));
      http.closeAllConnections();
      await Promise.all([closed, closeSmtp()]);
    },
  };
}

async function listen(server: Server, port: number, host: string): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      resolve();
    });
  });
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : port;
}
