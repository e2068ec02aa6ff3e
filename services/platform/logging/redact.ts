const MASK = "[redacted]";

/** Names of fields whose values never belong in a log. */
const SECRET_NAME =
  /pass(word|wd|phrase)|(^|_)pass$|secret|token|authorization|cookie|credential|private.?key|api.?key|signature/i;

/** Names of what is told about a secret and is none: where it is, how long or how much it is. */
const FACT_NAMES = [/_(files?|path|seconds|ms|days|bytes)$/i, /[a-z](Files?|Path|Seconds|Ms|Days|Bytes)$/];

/** Names of fields that carry the body of a mail or a request. */
const BODY_NAME = /^(html|text|body|raw|(html|text|mail|request|response)_?body)$/i;

/** Whether a field of this name must not be logged, whatever is in it. */
export function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name) && !FACT_NAMES.some((pattern) => pattern.test(name));
}

/** Whether a field of this name carries a body, of which only the size is logged. */
export function isBodyName(name: string): boolean {
  return BODY_NAME.test(name);
}

/**
 * A text without the secrets that URLs carry: query strings of presigned URLs (any with an `X-Amz-` parameter, percent-encoded
 * ones included) and passwords before an `@`. What is not part of a URL stays as it is.
 */
export function redactText(text: string): string {
  if (!text.includes("://") && !AMZ.test(text)) {
    return text;
  }
  // Word by word, so that the cost stays linear in the length of the text whatever is in it.
  return text.replace(/[^\s"'<>`]+/g, redactWord);
}

/** A URL fit for a log: without the query string when it is presigned, without the password. */
export function redactUrl(url: string | URL): string {
  return redactText(String(url));
}

/**
 * A URL as it may be shown to whoever configured it: passwords masked, in front of the host as well as in the query. Made for
 * URLs that may be wrong: without a scheme, or with an unescaped slash in the password.
 */
export function maskUrlPassword(url: string): string {
  const masked = url.replace(/^([a-z][a-z0-9+.-]*:\/\/[^:@]*|[^:@]*):(?!\/\/).*@/i, "$1:****@");
  return masked.replace(/([?&][^=&]*(?:pass|secret|token|key)[^=&]*=)[^&]*/gi, "$1****");
}

const AMZ = /x-amz-/i;

function redactWord(word: string): string {
  const masked = maskUserInfo(word);
  if (!AMZ.test(masked)) {
    return masked;
  }
  const query = masked.search(/\?|%3F/i);
  if (query !== -1 && query < masked.search(AMZ)) {
    return `${masked.slice(0, query)}?${MASK}`;
  }
  return masked.replace(/(x-amz-[a-z-]+(?:=|%3d|:))[^&,;]*/gi, `$1${MASK}`);
}

/** `scheme://user:password@` becomes `scheme://user:****@`. */
function maskUserInfo(word: string): string {
  return word.includes("@") ? word.replace(/(:\/\/[^:@/?#]*):[^/?#]*@/g, "$1:****@") : word;
}
