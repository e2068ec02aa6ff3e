import { createHash } from "node:crypto";
import { ByteReader } from "./byte-reader";
import type { ChunkSigning } from "./payload";
import { S3Error } from "./s3-error";
import { equalInConstantTime, formatScope, sign } from "./signature-v4";

const maxLineBytes = 4096;
const maxTrailers = 16;
const emptySha256 = createHash("sha256").digest("hex");

/**
 * Decodes an `aws-chunked` body and verifies the chain of chunk signatures where there is one. The data of a chunk is
 * handed on before its signature is known, so nothing may be kept until the generator has ended.
 *
 * @param source the body as received
 * @param signing the start of the signature chain; undefined for unsigned chunks
 * @param trailers receives the trailing headers, names in lower case
 * @throws S3Error IncompleteBody, SignatureDoesNotMatch, MalformedTrailerError
 */
export async function* decodeAwsChunked(
  source: AsyncIterable<Buffer>,
  signing: ChunkSigning | undefined,
  trailers: Map<string, string>,
): AsyncGenerator<Buffer> {
  const reader = new ByteReader(source);
  let previous = signing?.seed ?? "";
  for (;;) {
    const { size, signature } = parseChunkHead(await reader.readLine(maxLineBytes));
    const digest = createHash("sha256");
    for (let left = size; left > 0; ) {
      const data = await reader.readSome(left);
      if (data === undefined) {
        throw new S3Error("IncompleteBody");
      }
      if (signing !== undefined) {
        digest.update(data);
      }
      left -= data.length;
      yield data;
    }
    if (signing !== undefined) {
      const expected = signChunk(signing, previous, digest.digest("hex"));
      if (!equalInConstantTime(expected, signature)) {
        throw new S3Error("SignatureDoesNotMatch", "The signature of a chunk does not match.");
      }
      previous = expected;
    }
    if (size === 0) {
      break;
    }
    if ((await reader.readLine(0)) === undefined) {
      throw new S3Error("IncompleteBody", "A chunk is not followed by CRLF.");
    }
  }
  await readTrailers(reader, signing, previous, trailers);
}

function parseChunkHead(line: string | undefined): { size: number; signature: string } {
  const [, hexadecimal, signature] = /^([0-9a-fA-F]{1,11})(?:;chunk-signature=([0-9a-f]{64}))?$/.exec(line ?? "") ?? [];
  if (hexadecimal === undefined) {
    throw new S3Error("IncompleteBody", "The head of a chunk is missing or malformed.");
  }
  return { size: Number.parseInt(hexadecimal, 16), signature: signature ?? "" };
}

async function readTrailers(
  reader: ByteReader,
  signing: ChunkSigning | undefined,
  previous: string,
  trailers: Map<string, string>,
): Promise<void> {
  for (;;) {
    const line = (await reader.readLine(maxLineBytes))?.trim();
    if (line === undefined || line === "") {
      break;
    }
    const colon = line.indexOf(":");
    if (colon < 1 || trailers.size === maxTrailers) {
      throw new S3Error("MalformedTrailerError");
    }
    trailers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
  }
  if ((await reader.readSome(1)) !== undefined) {
    throw new S3Error("MalformedTrailerError", "There is data after the last trailer.");
  }
  const signature = trailers.get("x-amz-trailer-signature");
  trailers.delete("x-amz-trailer-signature");
  if (signing !== undefined && trailers.size > 0) {
    const canonical = [...trailers].map(([name, value]) => `${name}:${value}\n`).join("");
    const expected = sign(
      signing.key,
      [
        "AWS4-HMAC-SHA256-TRAILER",
        signing.timestamp,
        formatScope(signing.scope),
        previous,
        createHash("sha256").update(canonical, "latin1").digest("hex"),
      ].join("\n"),
    );
    if (!equalInConstantTime(expected, signature ?? "")) {
      throw new S3Error("SignatureDoesNotMatch", "The signature of the trailer does not match.");
    }
  }
}

function signChunk(signing: ChunkSigning, previous: string, dataSha256: string): string {
  return sign(
    signing.key,
    ["AWS4-HMAC-SHA256-PAYLOAD", signing.timestamp, formatScope(signing.scope), previous, emptySha256, dataSha256].join(
      "\n",
    ),
  );
}
