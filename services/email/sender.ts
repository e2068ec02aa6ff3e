import { canonicalEmailAddress, emailAddressProblem } from "../platform/validation/email-address";

/** A mailbox with the name that is shown for it. */
export interface Mailbox {
  readonly name: string;
  readonly address: string;
}

/** Reads `no-reply@mcsv.example` or `mcsv <no-reply@mcsv.example>`; undefined for anything else. */
export function parseSender(text: string): Mailbox | undefined {
  const [, quoted, plain, bracketed, bare] =
    /^\s*(?:(?:"([^"\\]*)"|([^"<>@,;:]*?))\s*<([^<>]*)>|(\S+))\s*$/.exec(text) ?? [];
  const name = (quoted ?? plain ?? "").trim();
  const address = bracketed ?? bare ?? "";
  // A name goes into a header of every mail.
  const isFit = emailAddressProblem(address) === undefined && !/\p{Cc}/u.test(name);
  return isFit ? { name, address: canonicalEmailAddress(address) } : undefined;
}

/** The form that parseSender reads. */
export function formatSender({ name, address }: Mailbox): string {
  return name === "" ? address : `${/^[\w .-]*$/.test(name) ? name : `"${name}"`} <${address}>`;
}

/** Domain of a mailbox. */
export function domainOf({ address }: Mailbox): string {
  return address.slice(address.lastIndexOf("@") + 1);
}
