import { compareUtf8 } from "./catalog";
import { bucketOf, integerQueryOf, queryOf, type S3Answer, type S3Context } from "./context";
import { S3Error } from "./s3-error";
import { uriEncode } from "./signature-v4";
import { document, element, type Markup, optional } from "./xml";

/** A page of keys and common prefixes. */
interface Page {
  readonly keys: readonly string[];
  readonly commonPrefixes: readonly string[];
  /** Last key or common prefix of the page when there are more. */
  readonly last: string | undefined;
}

/** ListObjectsV2, and ListObjects for old clients. */
export function listObjects(context: S3Context): S3Answer {
  const bucket = bucketOf(context);
  const version2 = queryOf(context, "list-type") === "2";
  const prefix = queryOf(context, "prefix") ?? "";
  const delimiter = queryOf(context, "delimiter") ?? "";
  const maxKeys = integerQueryOf(context, "max-keys", { min: 0, max: 2 ** 31 - 1, byDefault: 1000 });
  const token = queryOf(context, "continuation-token");
  const after = token !== undefined ? decodeToken(token) : queryOf(context, version2 ? "start-after" : "marker");
  const page = selectPage(context.storage.catalog.sortedKeys(bucket), {
    prefix,
    delimiter,
    after: after ?? "",
    maxKeys: Math.min(maxKeys, 1000),
  });
  const encode = encoderOf(context);

  const contents = page.keys.flatMap((key) => {
    const object = context.storage.catalog.object(bucket, key);
    return object === undefined
      ? []
      : [
          element("Contents", [
            element("Key", encode(key)),
            element("LastModified", new Date(object.lastModified).toISOString()),
            element("ETag", `"${object.etag}"`),
            element("Size", object.bytes),
            element("StorageClass", "STANDARD"),
          ]),
        ];
  });
  const common: Markup[] = [
    element("Name", bucket),
    element("Prefix", encode(prefix)),
    ...(delimiter === "" ? [] : [element("Delimiter", encode(delimiter))]),
    element("MaxKeys", maxKeys),
    optional("EncodingType", queryOf(context, "encoding-type")),
    element("IsTruncated", page.last !== undefined),
    ...contents,
    ...page.commonPrefixes.map((name) => element("CommonPrefixes", [element("Prefix", encode(name))])),
  ];
  const paging = version2
    ? [
        element("KeyCount", page.keys.length + page.commonPrefixes.length),
        optional("StartAfter", mapped(queryOf(context, "start-after"), encode)),
        optional("ContinuationToken", token),
        optional("NextContinuationToken", mapped(page.last, encodeToken)),
      ]
    : [element("Marker", encode(after ?? "")), optional("NextMarker", mapped(page.last, encode))];
  return { status: 200, xml: document(element("ListBucketResult", [...common, ...paging])) };
}

/** How keys are written, as encoding-type asks. */
function encoderOf(context: S3Context): (text: string) => string {
  const encodingType = queryOf(context, "encoding-type");
  if (encodingType !== undefined && encodingType !== "url") {
    throw new S3Error("InvalidArgument", "Invalid Encoding Method specified in Request");
  }
  return encodingType === "url" ? (text) => uriEncode(text).replaceAll("%2F", "/") : (text) => text;
}

function selectPage(
  sortedKeys: readonly string[],
  { prefix, delimiter, after, maxKeys }: { prefix: string; delimiter: string; after: string; maxKeys: number },
): Page {
  const keys: string[] = [];
  const commonPrefixes: string[] = [];
  let last: string | undefined;
  const first = Math.max(
    firstIndex(sortedKeys, (key) => compareUtf8(key, prefix) >= 0),
    firstIndex(sortedKeys, (key) => compareUtf8(key, after) > 0),
  );
  for (let index = first; index < sortedKeys.length; index++) {
    const key = sortedKeys[index] ?? "";
    if (!key.startsWith(prefix)) {
      break;
    }
    const end = delimiter === "" ? -1 : key.indexOf(delimiter, prefix.length);
    const commonPrefix = end === -1 ? undefined : key.slice(0, end + delimiter.length);
    // A page that ended with a common prefix goes on behind all keys below it.
    if (commonPrefix !== undefined && (commonPrefix === commonPrefixes.at(-1) || commonPrefix === after)) {
      continue;
    }
    if (keys.length + commonPrefixes.length === maxKeys) {
      return { keys, commonPrefixes, last: maxKeys === 0 ? undefined : last };
    }
    if (commonPrefix === undefined) {
      keys.push(key);
    } else {
      commonPrefixes.push(commonPrefix);
    }
    last = commonPrefix ?? key;
  }
  return { keys, commonPrefixes, last: undefined };
}

/** Index of the first key that the condition holds for, given that it holds for all behind it too. */
function firstIndex(sortedKeys: readonly string[], condition: (key: string) => boolean): number {
  let low = 0;
  let high = sortedKeys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (condition(sortedKeys[middle] ?? "")) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return low;
}

function mapped(text: string | undefined, map: (text: string) => string): string | undefined {
  return text === undefined ? undefined : map(text);
}

function encodeToken(last: string): string {
  return Buffer.from(`after:${last}`).toString("base64url");
}

function decodeToken(token: string): string {
  const decoded = Buffer.from(token, "base64url").toString();
  if (!decoded.startsWith("after:")) {
    throw new S3Error("InvalidArgument", "The continuation token provided is incorrect");
  }
  return decoded.slice("after:".length);
}
