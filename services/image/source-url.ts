import { permissionDenied } from "../platform/twirp/errors";

/** Where sources may come from. */
export interface SourceOrigin {
  /** URL of the object store as this service reaches it, without a slash at the end. */
  readonly endpoint: string;
  readonly bucket: string;
}

/**
 * Admits a URL only when it names an object of the configured bucket at the configured endpoint, in the plainest of
 * spellings. Keys are ours, so nothing is lost by refusing escapes: what one server reads as a key, another may read
 * as a path.
 *
 * @param text a URL in ASCII without backslashes, tabs and line breaks, which the parser would turn or drop
 * @throws TwirpError permission_denied for a URL of another place
 */
export function checkSourceUrl(text: string, origin: SourceOrigin): URL {
  const url = new URL(text);
  const store = new URL(origin.endpoint);
  const prefix = `${store.pathname.replace(/\/$/, "")}/${origin.bucket}/`;
  const isAdmitted =
    url.origin === store.origin &&
    url.username === "" &&
    url.password === "" &&
    url.hash === "" &&
    // The path as it was given, since the parsed one has its dots resolved.
    pathOf(text) === url.pathname &&
    url.pathname.startsWith(prefix) &&
    isPlainKey(url.pathname.slice(prefix.length));
  if (!isAdmitted) {
    throw permissionDenied("source_url must be an object in the bucket of the configured object store");
  }
  return url;
}

/** Path of a URL, unparsed: what is between the authority and the query. */
function pathOf(text: string): string {
  return /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*([^?#]*)/i.exec(text)?.[1] ?? "";
}

/** Whether a key is made of non-empty segments of characters that need no escaping, and none of them is "." or "..". */
function isPlainKey(key: string): boolean {
  return key.split("/").every((segment) => /^[A-Za-z0-9!_.*'()-]+$/.test(segment) && !/^\.+$/.test(segment));
}
