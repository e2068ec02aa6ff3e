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

/**
 * What is wrong with the address of one mailbox, such as `ada@example.com`, as a continuation of its field's name; undefined where
 * nothing is.
 *
 * A domain name may be international. A local part beyond ASCII is refused, for most mail servers cannot deliver to it.
 */
export function emailAddressProblem(text: string): string | undefined {
  const at = text.lastIndexOf("@");
  if (at < 1 || at === text.length - 1) {
    return 'must be one mailbox such as "ada@example.com"';
  }
  const tooLong = `must have at most ${MAX_ADDRESS} characters`;
  if (text.length > MAX_ADDRESS) {
    return tooLong;
  }
  const localPart = text.slice(0, at);
  const domain = asciiDomain(text.slice(at + 1));
  if (localPart.length + 1 + domain.length > MAX_ADDRESS) {
    return tooLong;
  }
  if (NON_ASCII.test(localPart)) {
    return 'must have only ASCII characters before the "@"';
  }
  if (localPart.length > MAX_LOCAL_PART) {
    return `must have at most ${MAX_LOCAL_PART} characters before the "@"`;
  }
  if (!DOT_ATOM.test(localPart)) {
    return 'must be one mailbox such as "ada@example.com", without quotes, spaces, display name or list';
  }
  if (!HOST_NAME.test(domain)) {
    return 'must have a domain name such as "example.com" after the "@"';
  }
  return undefined;
}

/**
 * The one spelling of a mailbox's address. The letters keep their case; an international domain name becomes its ASCII form.
 *
 * @param address an address with which nothing is wrong
 */
export function canonicalEmailAddress(address: string): string {
  const domainAt = address.lastIndexOf("@") + 1;
  return address.slice(0, domainAt) + asciiDomain(address.slice(domainAt));
}

/** Only a name beyond ASCII needs the mapping, which would also read "0x7f.1" as an IP address. */
function asciiDomain(domain: string): string {
  return NON_ASCII.test(domain) ? domainToASCII(domain) : domain;
}
