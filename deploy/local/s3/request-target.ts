import { S3Error } from "./s3-error";

/** What a request line names, in path style: `/<bucket>/<key>?<query>`. */
export interface RequestTarget {
  /** Path as sent, percent-encoded. */
  readonly path: string;
  readonly bucket: string | undefined;
  readonly key: string | undefined;
  /** Decoded parameters in the order sent. */
  readonly query: readonly (readonly [name: string, value: string])[];
}

/** Longest key, in bytes of UTF-8, as in S3. */
export const maxKeyBytes = 1024;

/**
 * Parses a request target without normalising anything: `..` in a key is two dots and nothing else.
 *
 * @throws S3Error InvalidURI, KeyTooLongError
 */
export function parseRequestTarget(rawTarget: string): RequestTarget {
  // Absolute form (RFC 9112 section 3.2.2) is for proxies, yet every server must take it.
  const target = rawTarget.replace(/^https?:\/\/[^/?]*/i, "");
  const queryStart = target.indexOf("?");
  const path = queryStart === -1 ? target : target.slice(0, queryStart);
  if (!path.startsWith("/")) {
    throw new S3Error("InvalidURI");
  }
  const keyStart = path.indexOf("/", 1);
  const bucket = decode(keyStart === -1 ? path.slice(1) : path.slice(1, keyStart));
  const key = keyStart === -1 ? "" : decode(path.slice(keyStart + 1));
  if (Buffer.byteLength(key) > maxKeyBytes) {
    throw new S3Error("KeyTooLongError");
  }
  return {
    path,
    bucket: bucket === "" ? undefined : bucket,
    key: key === "" ? undefined : key,
    query: queryStart === -1 ? [] : parseQuery(target.slice(queryStart + 1)),
  };
}

/** Value of a query parameter by exact name. */
export function queryValue(target: RequestTarget, name: string): string | undefined {
  return target.query.find(([candidate]) => candidate === name)?.[1];
}

function parseQuery(source: string): [string, string][] {
  return source
    .split("&")
    .filter((pair) => pair !== "")
    .map((pair) => {
      const equals = pair.indexOf("=");
      const name = equals === -1 ? pair : pair.slice(0, equals);
      const value = equals === -1 ? "" : pair.slice(equals + 1);
      return [decode(name.replaceAll("+", "%20")), decode(value.replaceAll("+", "%20"))];
    });
}

function decode(encoded: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch (cause) {
    if (cause instanceof URIError) {
      throw new S3Error("InvalidURI");
    }
    throw cause;
  }
}
