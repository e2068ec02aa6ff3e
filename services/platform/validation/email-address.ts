import { domainToASCII } from "node:url";

/** Longest address that SMTP can carry in a path, in characters (RFC 5321 section 4.5.3.1.3, without the brackets). */
const MAX_ADDRESS = 254;
/** Longest local part (RFC 5321 section 4.5.3.1.1). */
const MAX_LOCAL_PART = 64;

/** A dot-atom (RFC 5322 section 3.2.3): no quotes, comments, spaces or lists. */
const DOT_ATOM = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/;
/** Labels of letters, digits and inner hyphens, two or more, the last not a number (RFC 1123 section 2.1). */
const HOST_NAME =
  /^(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+(?!\d+$)[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/;
/** Anything beyond ASCII. */
const NON_ASCII = /[^\0-\x7f]/;

/** An address that is fit to be stored and mailed to, or what is wrong with the text. */
export type ParsedEmailAddress = { address: string } | { problem: string };

/**
 * Reads one mailbox, such as `ada@example.com`.
 *
 * The letters keep their case. An international domain name becomes its ASCII form, so that one mailbox has one
 * spelling; a local part beyond ASCII is refused, for most mail servers cannot deliver to it.
 */
export function parseEmailAddress(text: string): ParsedEmailAddress {
  const at = text.lastIndexOf("@");
  if (at < 1 || at === text.length - 1) {
    return { problem: 'must be one mailbox such as "ada@example.com"' };
  }
  // Only a name beyond ASCII needs the mapping, which would also read "0x7f.1" as an IP address.
  const localPart = text.slice(0, at);
  const givenDomain = text.slice(at + 1);
  const domain = NON_ASCII.test(givenDomain) ? domainToASCII(givenDomain) : givenDomain;
  const address = `${localPart}@${domain}`;
  if (text.length > MAX_ADDRESS || address.length > MAX_ADDRESS) {
    return { problem: `must have at most ${MAX_ADDRESS} characters` };
  }
  if (NON_ASCII.test(localPart)) {
    return { problem: 'must have only ASCII characters before the "@"' };
  }
  if (localPart.length > MAX_LOCAL_PART) {
    return { problem: `must have at most ${MAX_LOCAL_PART} characters before the "@"` };
  }
  if (!DOT_ATOM.test(localPart)) {
    return { problem: 'must be one mailbox such as "ada@example.com", without quotes, spaces, display name or list' };
  }
  if (!HOST_NAME.test(domain)) {
    return { problem: 'must have a domain name such as "example.com" after the "@"' };
  }
  return { address };
}
