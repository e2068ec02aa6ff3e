import { z } from "zod";
import type { Endpoints } from "../endpoints";
import { fetchJson } from "../fetch-json";
import { formatTime, type Output, table } from "../output";

const address = z.object({ Name: z.string(), Address: z.string() });

const messageList = z.object({
  total: z.number(),
  messages: z.array(
    z.object({
      ID: z.string(),
      MessageID: z.string(),
      From: address,
      To: z.array(address),
      Subject: z.string(),
      Created: z.coerce.date(),
    }),
  ),
});

const message = z.object({
  ID: z.string(),
  MessageID: z.string(),
  From: address,
  To: z.array(address),
  Subject: z.string(),
  Date: z.coerce.date(),
  Text: z.string(),
  HTML: z.string(),
});

/** Prints the newest mails of the inbox, optionally only those to one address. */
export async function listMail(
  endpoints: Endpoints,
  { limit, to }: { limit: number; to: string },
  output: Output,
): Promise<void> {
  const query = new URLSearchParams({ limit: String(limit) });
  if (to !== "") query.set("query", `to:"${to}"`);
  const path = to === "" ? `/api/v1/messages?${query}` : `/api/v1/search?${query}`;
  const list = await fetchJson(endpoints, "inbox", path, messageList, "the inbox has no messages API");
  const rows = list.messages.map((mail) => [
    mail.ID,
    formatTime(mail.Created),
    mail.To.map(({ Address }) => Address).join(", "),
    mail.Subject,
  ]);
  output.line(rows.length === 0 ? "no mail" : table(["mail", "arrived", "to", "subject"], rows));
  output.line(`${list.messages.length} of ${list.total}`);
  output.document(list);
}

/** Prints one mail: its headers and its text. */
export async function showMail(endpoints: Endpoints, id: string, output: Output): Promise<void> {
  const path = `/api/v1/message/${encodeURIComponent(id)}`;
  const mail = await fetchJson(endpoints, "inbox", path, message, `no mail ${id}: see mail list`);
  output.line(`From:        ${mailbox(mail.From)}`);
  output.line(`To:          ${mail.To.map(mailbox).join(", ")}`);
  output.line(`Subject:     ${mail.Subject}`);
  output.line(`Date:        ${formatTime(mail.Date)}`);
  output.line(`Message-ID:  ${mail.MessageID}`);
  output.line();
  output.line(mail.Text.trimEnd());
  output.document(mail);
}

function mailbox({ Name, Address }: z.infer<typeof address>): string {
  return Name === "" ? Address : `${Name} <${Address}>`;
}
