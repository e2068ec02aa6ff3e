import type { IndexedMessage } from "./mailbox";
import type { MailpitSummary } from "./mailpit-message";
import { addressText, comparable } from "./search-text";

/** Decides whether a mail is found. */
export type MessageFilter = (message: IndexedMessage) => boolean;

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
    return excludes ? [(message: IndexedMessage) => !filter(message)] : [filter];
  });
  return (message) => filters.every((filter) => filter(message));
}

const fields: Readonly<Record<string, (summary: MailpitSummary) => string>> = {
  "to:": (summary) => addressText(summary.To),
  "from:": (summary) => addressText([summary.From]),
  "cc:": (summary) => addressText(summary.Cc),
  "bcc:": (summary) => addressText(summary.Bcc),
  "reply-to:": (summary) => addressText(summary.ReplyTo),
  "addressed:": (summary) =>
    addressText([summary.From, ...summary.To, ...summary.Cc, ...summary.Bcc, ...summary.ReplyTo]),
  "subject:": (summary) => summary.Subject,
  "message-id:": (summary) => summary.MessageID,
};

function parseWord(word: string): MessageFilter | undefined {
  const lower = word.toLowerCase();
  switch (lower) {
    case "is:read":
      return ({ summary }) => summary.Read;
    case "is:unread":
      return ({ summary }) => !summary.Read;
    case "has:attachment":
    case "has:attachments":
      return ({ summary }) => summary.Attachments > 0;
    default:
  }
  const prefix = Object.keys(fields).find((name) => lower.startsWith(name)) ?? "";
  const field = fields[prefix];
  const term = comparable(lower.slice(prefix.length));
  if (term === "") {
    return undefined;
  }
  return ({ summary, searchText }) => (field === undefined ? searchText : comparable(field(summary))).includes(term);
}

function splitWords(query: string): string[] {
  return [...query.matchAll(/(?:"[^"]*"|[^\s"])+/g)].map(([word]) => word.replaceAll('"', ""));
}
