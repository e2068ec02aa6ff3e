import { headerOf, queryOf, type S3Context } from "./context";
import type { StoredHeaders } from "./records";
import { S3Error } from "./s3-error";

const standardHeaders = [
  "cache-control",
  "content-disposition",
  "content-encoding",
  "content-language",
  "content-type",
  "expires",
] as const;
const metadataPrefix = "x-amz-meta-";
const maxMetadataBytes = 2048;

/**
 * Headers of a request that are to be stored with the object.
 *
 * @throws S3Error InvalidArgument when the metadata is longer than 2 KiB
 */
export function storedHeadersOf(context: S3Context): StoredHeaders {
  const standard: Record<string, string> = {};
  for (const name of standardHeaders) {
    const value = headerOf(context, name);
    if (value !== undefined && value !== "") {
      standard[name] = value;
    }
  }
  // aws-chunked is how the body travelled, not what the object is.
  const encodings = (standard["content-encoding"] ?? "").split(",").map((encoding) => encoding.trim());
  const encoding = encodings.filter((name) => name !== "" && name !== "aws-chunked").join(",");
  delete standard["content-encoding"];
  standard["content-type"] ??= "binary/octet-stream";
  return {
    standard: encoding === "" ? standard : { ...standard, "content-encoding": encoding },
    metadata: metadataOf(context),
  };
}

/** Stored headers as they are sent back, with the overrides (response-content-type ...) that the query asks for. */
export function responseHeadersOf(context: S3Context, stored: StoredHeaders): Record<string, string> {
  const headers: Record<string, string> = { ...stored.standard };
  for (const [name, value] of Object.entries(stored.metadata)) {
    headers[`${metadataPrefix}${name}`] = value;
  }
  for (const name of standardHeaders) {
    const override = queryOf(context, `response-${name}`);
    if (override !== undefined) {
      // Text of a query is Unicode, while a header travels as bytes.
      headers[name] = sendable(Buffer.from(override).toString("latin1"));
    }
  }
  return headers;
}

function metadataOf(context: S3Context): Record<string, string> {
  const names = new Set(Object.keys(context.request.headersDistinct));
  if (context.authentication.presigned) {
    for (const [parameter] of context.target.query) {
      names.add(parameter.toLowerCase());
    }
  }
  const metadata: Record<string, string> = {};
  let bytes = 0;
  for (const name of names) {
    if (name.startsWith(metadataPrefix) && name.length > metadataPrefix.length) {
      const value = headerOf(context, name) ?? "";
      bytes += name.length - metadataPrefix.length + Buffer.byteLength(value);
      metadata[name.slice(metadataPrefix.length)] = sendable(value);
    }
  }
  if (bytes > maxMetadataBytes) {
    throw new S3Error("InvalidArgument", "Your metadata headers exceed the maximum allowed metadata size");
  }
  return metadata;
}

/** A value that Node will send: control characters as spaces, text beyond latin1 as the bytes of its UTF-8. */
function sendable(value: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is replaced
  const clean = value.replace(/[\u0000-\u001f\u007f]/g, " ");
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the range is latin1
  return /^[\u0000-\u00ff]*$/.test(clean) ? clean : Buffer.from(clean).toString("latin1");
}
