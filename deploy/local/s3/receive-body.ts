import type { IncomingMessage, ServerResponse } from "node:http";
import { type Checksum, type ChecksumName, checksumNamed, checksumNames, createChecksum } from "./checksums";
import { decodeAwsChunked } from "./decode-aws-chunked";
import type { Payload } from "./payload";
import { S3Error } from "./s3-error";

/** A body that is being received: iterate over data to the end, then ask for the summary. */
interface IncomingBody {
  /** Decoded bytes. Ends with an error when any check fails, so keep nothing before it has ended. */
  readonly data: AsyncIterable<Buffer>;
  /** Of the whole body; to be called once data has ended. */
  readonly summary: () => BodySummary;
}

/** What is known of a body that passed every check. */
interface BodySummary {
  readonly bytes: number;
  /** MD5 in hexadecimal. */
  readonly md5: string;
  /** Checksums that the client sent or announced, base64. */
  readonly checksums: Partial<Record<ChecksumName, string>>;
}

/** What the body of a request must live up to. */
interface BodyRules {
  readonly payload: Payload;
  readonly maxBytes: number;
  /** A header, or for presigned URLs the query parameter that stands for it. */
  readonly header: (name: string) => string | undefined;
  /** Checksums to compute although the client sent none. */
  readonly alsoCompute?: readonly ChecksumName[];
}

/**
 * Prepares to receive a body: undoes aws-chunked framing, limits it, and verifies length, Content-MD5,
 * x-amz-content-sha256 and x-amz-checksum-* from header or trailer.
 *
 * @throws S3Error MissingContentLength, EntityTooLarge, InvalidDigest, InvalidRequest
 */
export function receiveBody(request: IncomingMessage, response: ServerResponse, rules: BodyRules): IncomingBody {
  const { payload, header } = rules;
  const declaredBytes = declaredLength(payload, header);
  if (declaredBytes > rules.maxBytes) {
    throw new S3Error("EntityTooLarge");
  }
  const expected = expectedDigests(rules);
  const announced = announcedTrailers(rules);
  const running = startDigests([...expected.keys(), ...announced, ...(rules.alsoCompute ?? [])]);
  const trailers = new Map<string, string>();
  let bytes = 0;
  let summary: BodySummary | undefined;

  async function* data(): AsyncGenerator<Buffer> {
    if (header("expect")?.toLowerCase() === "100-continue") {
      response.writeContinue();
    }
    // A refused body must not take the connection with it: the answer has to get through.
    const received: AsyncIterable<Buffer> = {
      [Symbol.asyncIterator]: () => request.iterator({ destroyOnReturn: false }),
    };
    const decoded = payload.kind === "chunked" ? decodeAwsChunked(received, payload.signing, trailers) : received;
    for await (const chunk of decoded) {
      bytes += chunk.length;
      if (bytes > declaredBytes) {
        throw new S3Error("IncompleteBody", "The body is longer than its declared length.");
      }
      for (const digest of running.values()) {
        digest.update(chunk);
      }
      yield chunk;
    }
    if (bytes !== declaredBytes) {
      throw new S3Error("IncompleteBody");
    }
    for (const name of announced) {
      const value = trailers.get(`x-amz-checksum-${name}`);
      if (value === undefined) {
        throw new S3Error("MalformedTrailerError", `The trailer x-amz-checksum-${name} was announced and is missing.`);
      }
      expected.set(name, Buffer.from(value, "base64"));
    }
    summary = verify(running, expected, payload, bytes);
  }

  return {
    data: data(),
    summary: () => {
      if (summary === undefined) {
        throw new Error("the body has not been received to its end");
      }
      return summary;
    },
  };
}

function declaredLength(payload: Payload, header: BodyRules["header"]): number {
  const declared = header(payload.kind === "chunked" ? "x-amz-decoded-content-length" : "content-length");
  if (declared === undefined || !/^\d{1,15}$/.test(declared)) {
    throw new S3Error("MissingContentLength");
  }
  return Number(declared);
}

function expectedDigests({ payload, header }: BodyRules): Map<ChecksumName | "md5", Buffer> {
  const expected = new Map<ChecksumName | "md5", Buffer>();
  const contentMd5 = header("content-md5");
  if (contentMd5 !== undefined) {
    expected.set("md5", decodeDigest(contentMd5, "md5"));
  }
  for (const name of checksumNames) {
    const value = header(`x-amz-checksum-${name}`);
    if (value !== undefined) {
      expected.set(name, decodeDigest(value, name));
    }
  }
  if (payload.kind === "hashed" && !expected.has("sha256")) {
    expected.set("sha256", Buffer.from(payload.sha256, "hex"));
  }
  return expected;
}

const digestBytes: Readonly<Record<ChecksumName | "md5", number>> = {
  md5: 16,
  crc32: 4,
  crc32c: 4,
  crc64nvme: 8,
  sha1: 20,
  sha256: 32,
};

function decodeDigest(base64: string, name: ChecksumName | "md5"): Buffer {
  const digest = Buffer.from(base64, "base64");
  if (digest.length !== digestBytes[name]) {
    throw new S3Error(
      name === "md5" ? "InvalidDigest" : "InvalidRequest",
      `Value for the ${name} checksum is invalid.`,
    );
  }
  return digest;
}

function announcedTrailers({ payload, header }: BodyRules): ChecksumName[] {
  const announced = header("x-amz-trailer");
  if (announced === undefined || payload.kind !== "chunked" || !payload.trailer) {
    return [];
  }
  return announced.split(",").map((trailer) => {
    const name = trailer
      .trim()
      .toLowerCase()
      .replace(/^x-amz-checksum-/, "");
    const known = checksumNamed(name);
    if (known === undefined) {
      throw new S3Error(
        "InvalidRequest",
        `The value specified in the x-amz-trailer header is not supported: ${trailer}`,
      );
    }
    return known;
  });
}

function startDigests(names: readonly (ChecksumName | "md5")[]): Map<ChecksumName | "md5", Checksum> {
  return new Map([...new Set<ChecksumName | "md5">(["md5", ...names])].map((name) => [name, createChecksum(name)]));
}

function verify(
  running: ReadonlyMap<ChecksumName | "md5", Checksum>,
  expected: ReadonlyMap<ChecksumName | "md5", Buffer>,
  payload: Payload,
  bytes: number,
): BodySummary {
  const digests = new Map([...running].map(([name, digest]) => [name, digest.digest()]));
  if (payload.kind === "hashed" && digests.get("sha256")?.toString("hex") !== payload.sha256) {
    throw new S3Error("XAmzContentSHA256Mismatch");
  }
  for (const [name, digest] of expected) {
    if (digests.get(name)?.equals(digest) !== true) {
      throw new S3Error("BadDigest", `The ${name} you specified did not match what we received.`);
    }
  }
  const checksums: Partial<Record<ChecksumName, string>> = {};
  for (const name of checksumNames) {
    const digest = digests.get(name);
    if (digest !== undefined) {
      checksums[name] = digest.toString("base64");
    }
  }
  return { bytes, md5: digests.get("md5")?.toString("hex") ?? "", checksums };
}
