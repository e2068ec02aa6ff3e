import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import type { SmtpEvent, SmtpHook } from "../../../deploy/local/inbox/smtp-events";
import { type Inbox, startInbox } from "../../../deploy/local/inbox/start-inbox";

/** A mail that the SMTP server has kept. */
export interface SeenMail {
  readonly messageId: string;
  readonly recipient: string;
  readonly subject: string;
  /** Epoch milliseconds. */
  readonly at: number;
}

/** What the SMTP server did to mails, beside keeping them. */
export interface SmtpRecord {
  /** Times that it answered with an error or cut the connection. */
  interventions: number;
  /** Recipients of mails that it kept and did not say so: once an entry. */
  readonly keptUnanswered: string[];
  /** Recipients that it has refused for good. */
  readonly refused: Set<string>;
}

/** The SMTP server of a drill: it runs in the drill's own process, and so knows what it has promised to whom. */
export interface MailWitness {
  readonly record: SmtpRecord;
  /** What happens at the moments of a mail from now on, instead of the usual; undefined for the usual. */
  behave(hook: SmtpHook | undefined): void;
  /** Ends the server: connections are refused. */
  down(): Promise<void>;
  /** Starts it again, with all mails. */
  up(): Promise<void>;
  /** All mails that were kept. */
  mails(): Promise<SeenMail[]>;
  close(): Promise<void>;
}

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
  const record: SmtpRecord = { interventions: 0, keptUnanswered: [], refused: new Set() };
  let behaviour: SmtpHook | undefined;
  /** Mails that are being kept. */
  let atHand = 0;
  const hook: SmtpHook = async (event) => {
    const intervention = await behaviour?.(event);
    if (intervention !== undefined) note(record, event, intervention === "drop" ? undefined : intervention.code);
    else if (event.stage === "data") atHand += 1;
    if (event.stage === "accepted") atHand -= 1;
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
    down,
    up: async () => {
      inbox ??= await start();
    },
    mails: () => fetchMails(options.httpPort),
    close: down,
  };
}

function note(record: SmtpRecord, { stage, recipients }: SmtpEvent, code: number | undefined): void {
  record.interventions += 1;
  // By then the mail is kept, whatever the client is told.
  if (stage === "accepted") record.keptUnanswered.push(...recipients);
  else if (code !== undefined && code >= 500) for (const recipient of recipients) record.refused.add(recipient);
}

async function fetchMails(port: number): Promise<SeenMail[]> {
  const mails: SeenMail[] = [];
  for (;;) {
    const answer = await fetch(`http://127.0.0.1:${port}/api/v1/messages?start=${mails.length}&limit=${PAGE_SIZE}`);
    const { messages, total } = page.parse(await answer.json());
    for (const { MessageID, Subject, Created, To } of messages) {
      const recipient = To.map(({ Address }) => Address).join(",");
      mails.push({ messageId: MessageID, recipient, subject: Subject, at: Created.getTime() });
    }
    if (messages.length === 0 || mails.length >= total) return mails;
  }
}
