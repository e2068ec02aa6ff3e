import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import type { SmtpEvent, SmtpHook } from "../../../deploy/local/inbox/smtp-events";
import { type Inbox, startInbox } from "../../../deploy/local/inbox/start-inbox";

/** A mail that the SMTP server has kept. */
export interface SeenMail {
  readonly messageId: string;
  readonly recipient: string;
  readonly subject: string;
  /** Epoch milliseconds of its RCPT TO: whoever sent it lived then, for it went on only after the answer. */
  readonly begunAt: number;
  /** Epoch milliseconds of when it was kept, which may be after its sender's death. */
  readonly at: number;
  /** Whether the server has said yes; it does so unless the drill keeps it from it. */
  readonly isAnswered: boolean;
}

/** What the SMTP server did to mails, beside keeping them. */
export interface SmtpRecord {
  /** Times that it answered with an error or cut the connection. */
  interventions: number;
  /** Recipients that it has refused for good. */
  readonly refused: Set<string>;
}

/** The SMTP server of a drill: it runs in the drill's own process, and so knows what it has promised to whom. */
export interface MailWitness {
  readonly record: SmtpRecord;
  /** What happens at the moments of a mail from now on, instead of the usual; undefined for the usual. */
  behave(hook: SmtpHook | undefined): void;
  /**
   * Resolves when the next mail has arrived whole and is not kept yet: somebody is waiting for the answer.
   *
   * @throws when none comes for as long as a busy machine may need
   */
  nextArrival(): Promise<void>;
  /** Ends the server: connections are refused. */
  down(): Promise<void>;
  /** Starts it again, with all mails. */
  up(): Promise<void>;
  /** All mails that were kept. */
  mails(): Promise<SeenMail[]>;
  close(): Promise<void>;
}

type KeptMail = Pick<SeenMail, "begunAt" | "isAnswered">;

const ARRIVAL_LIMIT_MS = 60_000;
/** Until the last answers are on their way. */
const ANSWERS_SENT_MS = 100;
const NOT_NOW = { code: 421, message: "Going down" } as const;
const GOING_DOWN = { connect: NOT_NOW, recipient: NOT_NOW, data: "drop", accepted: undefined } as const;

/** Mails of an inbox's page; the inbox answers no more at once. */
const PAGE_SIZE = 500;

const page = z.object({
  total: z.number(),
  messages: z.array(
    z.object({
      ID: z.string(),
      MessageID: z.string(),
      Subject: z.string(),
      Created: z.coerce.date(),
      To: z.array(z.object({ Address: z.string() })),
    }),
  ),
});

/** Starts it on the ports of a stack that has no inbox. */
export async function startMailWitness(options: {
  smtpPort: number;
  httpPort: number;
  directory: string;
}): Promise<MailWitness> {
  const record: SmtpRecord = { interventions: 0, refused: new Set() };
  /** When the mail began that a connection is at, by connection. */
  const begun = new Map<string, number>();
  /** What is known of the mails that were kept, by their ID in the inbox. */
  const kept = new Map<string, KeptMail>();
  const waiting: (() => void)[] = [];
  let behaviour: SmtpHook | undefined;
  /** Mails that are being kept. */
  let atHand = 0;
  const hook: SmtpHook = async (event) => {
    const { stage, session, mailId } = event;
    if (stage === "recipient") begun.set(session, Date.now());
    if (stage === "data") for (const resolve of waiting.splice(0)) resolve();
    const intervention = await behaviour?.(event);
    if (intervention !== undefined) note(record, event, intervention === "drop" ? undefined : intervention.code);
    else if (stage === "data") atHand += 1;
    if (stage === "accepted") {
      atHand -= 1;
      const begunAt = begun.get(session);
      if (mailId === undefined || begunAt === undefined) throw new Error("a mail was kept that never began");
      kept.set(mailId, { begunAt, isAnswered: intervention === undefined });
    }
    return intervention;
  };
  const start = () =>
    startInbox({
      smtpPort: options.smtpPort,
      httpPort: options.httpPort,
      dataDirectory: options.directory,
      onMessage: hook,
    });
  let inbox: Inbox | undefined = await start();
  const down = async () => {
    // Takes no more mails, and sends the answers of those that it has: an end by force would leave them without.
    behaviour = ({ stage }) => GOING_DOWN[stage];
    while (atHand > 0) await delay(10);
    await delay(ANSWERS_SENT_MS);
    await inbox?.close();
    inbox = undefined;
    behaviour = undefined;
  };
  return {
    record,
    behave: (next) => {
      behaviour = next;
    },
    nextArrival: async () => {
      const { promise: arrived, resolve, reject } = Promise.withResolvers<void>();
      waiting.push(resolve);
      const limit = setTimeout(() => reject(new Error(`no mail came for ${ARRIVAL_LIMIT_MS} ms`)), ARRIVAL_LIMIT_MS);
      await arrived.finally(() => clearTimeout(limit));
    },
    down,
    up: async () => {
      inbox ??= await start();
    },
    mails: () => fetchMails(options.httpPort, kept),
    close: down,
  };
}

function note(record: SmtpRecord, { stage, recipients }: SmtpEvent, code: number | undefined): void {
  record.interventions += 1;
  // Once a mail is kept, what the client is told of it is no refusal.
  if (stage === "accepted" || code === undefined || code < 500) return;
  for (const recipient of recipients) record.refused.add(recipient);
}

async function fetchMails(port: number, kept: ReadonlyMap<string, KeptMail>): Promise<SeenMail[]> {
  const mails: SeenMail[] = [];
  for (;;) {
    const answer = await fetch(`http://127.0.0.1:${port}/api/v1/messages?start=${mails.length}&limit=${PAGE_SIZE}`);
    const { messages, total } = page.parse(await answer.json());
    for (const { ID, MessageID, Subject, Created, To } of messages) {
      const recipient = To.map(({ Address }) => Address).join(",");
      const seen = kept.get(ID);
      if (seen === undefined) throw new Error(`the inbox has mail ${ID}, which nobody has seen come`);
      mails.push({ ...seen, messageId: MessageID, recipient, subject: Subject, at: Created.getTime() });
    }
    if (messages.length === 0 || mails.length >= total) return mails;
  }
}
