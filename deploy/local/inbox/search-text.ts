import type { MailpitAddress, MailpitMessage } from "./mailpit-message";

/** All of a mail that plain words are looked for in, ready to be compared. */
export function searchTextOf(message: MailpitMessage): string {
  const { From, To, Cc, Bcc, ReplyTo } = message;
  const files = [...message.Attachments, ...message.Inline].map(({ FileName }) => FileName);
  const people = addressText([From, ...To, ...Cc, ...Bcc, ...ReplyTo]);
  return comparable([people, message.Subject, message.Text, ...files].join(" "));
}

/** Names and addresses in one text. */
export function addressText(addresses: readonly MailpitAddress[]): string {
  return addresses.map(({ Name, Address }) => `${Name} ${Address}`).join(" ");
}

/** A text without what searches do not care for: case, runs of spaces, brackets, quotes and separators. */
export function comparable(text: string): string {
  return text
    .replace(/[\s<>":,;]+/g, " ")
    .trim()
    .toLowerCase();
}
