import type { MailpitAddress } from "./mailpit-message";
import type { ParsedMessage } from "./parse-message";

/** Decides whether a mail is found. */
export type MessageFilter = (parsed: ParsedMessage, read: boolean) => boolean;

/**
 * Reads a search as Mailpit does: words and "quoted phrases" that all must be found, each with a prefix (`to:`, `from:`,
 * `cc:`, `bcc:`, `reply-to:`, `addressed:`, `subject:`, `message-id:`), as `is:read`, `is:unread`, `has:attachment`, or
 * plain; `-` or `!` in front excludes. Case does not matter.
 */
export function parseSearch(query: string): MessageFilter {
  const filters = splitWords(query).flatMap((word) => {
    const excludes = word.length > 1 && /^[-!]/.test(word);
    const filter = parseWord(excludes ? word.slice(1) : word);
    if (filter === undefined) {
      return [];
    }
    return excludes ? [(parsed: ParsedMessage, read: boolean) => !filter(parsed, read)] : [filter];
  });
  return (parsed, read) => filters.every((filter) => filter(parsed, read));
}

const fields: Readonly<Record<string, (parsed: ParsedMessage) => string>> = {
  "to:": ({ summary }) => addressText(summary.To),
  "from:": ({ summary }) => addressText([summary.From]),
  "cc:": ({ summary }) => addressText(summary.Cc),
  "bcc:": ({ summary }) => addressText(summary.Bcc),
  "reply-to:": ({ summary }) => addressText(summary.ReplyTo),
  "addressed:": ({ summary }) =>
    addressText([summary.From, ...summary.To, ...summary.Cc, ...summary.Bcc, ...summary.ReplyTo]),
  "subject:": ({ summary }) => summary.Subject,
  "message-id:": ({ summary }) => summary.MessageID,
};

function parseWord(word: string): MessageFilter | undefined {
  const lower = word.toLowerCase();
  switch (lower) {
    case "is:read":
      return (_parsed, read) => read;
    case "is:unread":
      return (_parsed, read) => !read;
    case "has:attachment":
    case "has:attachments":
      return ({ summary }) => summary.Attachments > 0;
    default:
  }
  const prefix = Object.keys(fields).find((name) => lower.startsWith(name));
  const textOf = prefix === undefined ? searchText : (fields[prefix] ?? searchText);
  const term = clean(lower.slice(prefix?.length ?? 0));
  return term === "" ? undefined : (parsed) => clean(textOf(parsed)).includes(term);
}

function splitWords(query: string): string[] {
  return [...query.matchAll(/(?:"[^"]*"|[^\s"])+/g)].map(([word]) => word.replaceAll('"', ""));
}

function addressText(addresses: readonly MailpitAddress[]): string {
  return addresses.map(({ Name, Address }) => `${Name} ${Address}`).join(" ");
}

function searchText({ summary, message }: ParsedMessage): string {
  const { From, To, Cc, Bcc, ReplyTo } = summary;
  const files = [...message.Attachments, ...message.Inline].map(({ FileName }) => FileName);
  return [addressText([From, ...To, ...Cc, ...Bcc, ...ReplyTo]), summary.Subject, message.Text, ...files].join(" ");
}

function clean(text: string): string {
  return text
    .replace(/[\s<>":,;]+/g, " ")
    .trim()
    .toLowerCase();
}
