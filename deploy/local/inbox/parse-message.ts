import { createHash } from "node:crypto";
import { type AddressObject, type Attachment, type EmailAddress, type ParsedMail, simpleParser } from "mailparser";
import type { MailpitAddress, MailpitAttachment, MailpitMessage, MailpitSummary } from "./mailpit-message";
import type { StoredMail } from "./stored-mail";

/** A stored mail in all the forms that it is asked for in. */
export interface ParsedMessage {
  /** Read is false: who asks knows better. */
  readonly summary: MailpitSummary;
  readonly message: MailpitMessage;
  /** Header values by name as it is written in the source. */
  readonly headers: Readonly<Record<string, string[]>>;
  readonly parts: readonly { readonly id: string; readonly contentType: string; readonly content: Buffer }[];
}

const snippetLength = 250;
/** Longer HTML is not turned into text. */
const maxHtmlLengthToParse = 1_000_000;

/** Parses the source of a mail. What cannot be parsed is shown as text, for an inbox loses nothing. */
export async function parseMessage(mail: StoredMail): Promise<ParsedMessage> {
  let parsed: ParsedMail;
  try {
    parsed = await simpleParser(mail.source, { skipTextToHtml: true, maxHtmlLengthToParse });
  } catch (cause) {
    parsed = {
      attachments: [],
      headers: new Map(),
      headerLines: [],
      subject: "(this mail cannot be parsed)",
      text: `${cause instanceof Error ? cause.message : String(cause)}\n\n${mail.source.toString("latin1")}`,
    };
  }
  const headers = headersOf(parsed);
  const first = (name: string) =>
    headers[Object.keys(headers).find((key) => key.toLowerCase() === name) ?? ""]?.[0] ?? "";
  const to = addressesOf(parsed.to);
  const cc = addressesOf(parsed.cc);
  const named = new Set([...to, ...cc].map(({ Address }) => Address.toLowerCase()));
  const unnamed = mail.recipients.filter((recipient) => !named.has(recipient.toLowerCase()));
  const common = {
    ID: mail.id,
    MessageID: stripBrackets(parsed.messageId ?? ""),
    From: addressesOf(parsed.from)[0] ?? { Name: "", Address: "" },
    To: to,
    Cc: cc,
    Bcc: unnamed.map((Address) => ({ Name: "", Address })),
    ReplyTo: addressesOf(parsed.replyTo),
    Subject: parsed.subject ?? "",
    Username: "",
    Tags: [],
    Size: mail.source.length,
  };
  const inline = parsed.attachments.filter((part) => part.related || part.contentDisposition === "inline");
  const attached = parsed.attachments.filter((part) => !inline.includes(part));
  const text = parsed.text ?? "";
  const unsubscribe = first("list-unsubscribe");
  return {
    summary: {
      ...common,
      Read: false,
      Created: new Date(mail.receivedAt).toISOString(),
      Attachments: attached.length,
      Snippet: text.replace(/\s+/g, " ").trim().slice(0, snippetLength),
    },
    message: {
      ...common,
      ReturnPath: mail.sender,
      ListUnsubscribe: {
        Header: unsubscribe,
        Links: [...unsubscribe.matchAll(/<([^>]+)>/g)].map(([, link]) => link ?? ""),
        Errors: "",
        HeaderPost: first("list-unsubscribe-post"),
      },
      Date: (parsed.date ?? new Date(mail.receivedAt)).toISOString(),
      Text: text,
      HTML: parsed.html || "",
      Inline: inline.map(attachmentOf),
      Attachments: attached.map(attachmentOf),
    },
    headers,
    parts: parsed.attachments.map((part, index) => ({
      id: part.partId ?? String(index + 1),
      contentType: part.contentType,
      content: part.content,
    })),
  };
}

function headersOf(parsed: ParsedMail): Record<string, string[]> {
  const headers: Record<string, string[]> = {};
  for (const { line } of parsed.headerLines) {
    const colon = line.indexOf(":");
    const name = line.slice(0, colon);
    const value = line
      .slice(colon + 1)
      .replace(/\r?\n[ \t]+/g, " ")
      .trim();
    headers[name] = [...(headers[name] ?? []), value];
  }
  return headers;
}

function addressesOf(header: AddressObject | AddressObject[] | undefined): MailpitAddress[] {
  const flatten = (address: EmailAddress): EmailAddress[] => address.group?.flatMap(flatten) ?? [address];
  return [header ?? []]
    .flat()
    .flatMap(({ value }) => value.flatMap(flatten))
    .map(({ name, address }) => ({ Name: name, Address: address ?? "" }));
}

function attachmentOf(part: Attachment, index: number): MailpitAttachment {
  const digest = (algorithm: string) => createHash(algorithm).update(part.content).digest("hex");
  return {
    PartID: part.partId ?? String(index + 1),
    FileName: part.filename ?? part.cid ?? "",
    ContentType: part.contentType,
    ContentID: part.cid ?? "",
    Size: part.size,
    Checksums: { MD5: digest("md5"), SHA1: digest("sha1"), SHA256: digest("sha256") },
  };
}

function stripBrackets(messageId: string): string {
  return messageId.replace(/^</, "").replace(/>$/, "");
}
