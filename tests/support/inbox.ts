import { z } from "zod";

const summary = z.object({
  ID: z.string(),
  MessageID: z.string(),
  Subject: z.string(),
  To: z.array(z.object({ Address: z.string() })),
});

/** A mail of the inbox, in short. */
export type MailSummary = z.infer<typeof summary>;

const page = z.object({ total: z.number(), messages: z.array(summary) });

/** Mails of an inbox's page; the inbox answers no more at once. */
const PAGE_SIZE = 500;

/** All mails in the inbox, newest first. */
export async function mailsIn(inboxUrl: string): Promise<MailSummary[]> {
  const mails: MailSummary[] = [];
  for (;;) {
    const answer = await fetch(`${inboxUrl}/api/v1/messages?start=${mails.length}&limit=${PAGE_SIZE}`);
    const { messages, total } = page.parse(await answer.json());
    mails.push(...messages);
    if (messages.length === 0 || mails.length >= total) return mails;
  }
}
