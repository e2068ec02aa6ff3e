import { randomUUID } from "node:crypto";
import { openAsBlob } from "node:fs";
import { open, readFile } from "node:fs/promises";
import { SpanKind } from "@opentelemetry/api";
import {
  ATTR_HTTP_REQUEST_METHOD,
  ATTR_HTTP_RESPONSE_STATUS_CODE,
  ATTR_SERVER_ADDRESS,
  ATTR_SERVER_PORT,
} from "@opentelemetry/semantic-conventions";
import { ImageFormat } from "../../../gen/client/mcsv/v1/image";
import { CreateUploadRequest, type UserServiceConvertImageRequest } from "../../../gen/client/mcsv/v1/user";
import type { UserServiceClientProtobuf } from "../../../gen/client/mcsv/v1/user.twirp-client";
import { withSpan } from "../../platform/telemetry/with-span";
import { CommandError } from "./errors";
import { reasonOf } from "./fetch-json";

/** Largest image that travels inside the request, in bytes; a larger one is uploaded first. */
export const MAX_INLINE_BYTES = 8 * 1024 * 1024;

/** How long an upload may take, in milliseconds. */
const UPLOAD_TIMEOUT_MS = 300_000;

/** Reads an image for a request of its user, who calls: inline when it is small enough, otherwise uploaded to a presigned URL first. */
export async function imageSource(
  users: UserServiceClientProtobuf,
  file: string,
): Promise<NonNullable<UserServiceConvertImageRequest["source"]>> {
  const { bytes, format } = await inspect(file);
  if (bytes <= MAX_INLINE_BYTES) return { $case: "image", image: await readFile(file) };
  return { $case: "uploadId", uploadId: await upload(users, { file, bytes, format }) };
}

async function inspect(file: string): Promise<{ bytes: number; format: ImageFormat }> {
  const handle = await open(file).catch((error: NodeJS.ErrnoException) => {
    throw new CommandError(error.code === "ENOENT" ? `no such file: ${file}` : `cannot read ${file}: ${error.message}`);
  });
  try {
    const stats = await handle.stat();
    if (!stats.isFile()) throw new CommandError(`not a file: ${file}`);
    if (stats.size === 0) throw new CommandError(`empty file: ${file}`);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(8), 0, 8, 0);
    return { bytes: stats.size, format: formatOf(buffer.subarray(0, bytesRead)) };
  } finally {
    await handle.close();
  }
}

function formatOf(head: Buffer): ImageFormat {
  if (head.equals(Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]))) return ImageFormat.IMAGE_FORMAT_PNG;
  if (head.subarray(0, 3).equals(Buffer.from([0xff, 0xd8, 0xff]))) return ImageFormat.IMAGE_FORMAT_JPEG;
  throw new CommandError("not a PNG or JPEG: its first bytes are of neither");
}

async function upload(
  users: UserServiceClientProtobuf,
  { file, bytes, format }: { file: string; bytes: number; format: ImageFormat },
): Promise<string> {
  const request = CreateUploadRequest.create({ idempotencyKey: randomUUID(), format, sizeBytes: BigInt(bytes) });
  const { upload } = await users.CreateUpload(request);
  if (upload === undefined) throw new CommandError("the user service answered without an upload");
  await put(new URL(upload.url), upload.headers, await openAsBlob(file));
  return upload.id;
}

/** The URL's query is a credential: it is not part of the span. */
function put(url: URL, headers: Record<string, string>, body: Blob): Promise<void> {
  const attributes = {
    [ATTR_HTTP_REQUEST_METHOD]: "PUT",
    [ATTR_SERVER_ADDRESS]: url.hostname,
    [ATTR_SERVER_PORT]: Number(url.port) || (url.protocol === "https:" ? 443 : 80),
  };
  return withSpan("PUT", { kind: SpanKind.CLIENT, attributes }, async (span) => {
    const signal = AbortSignal.timeout(UPLOAD_TIMEOUT_MS);
    const answer = await fetch(url, { method: "PUT", headers, body, signal }).catch((error: unknown) => {
      throw new CommandError(`the object store at ${url.origin} cannot be reached (${reasonOf(error)})`);
    });
    span.setAttribute(ATTR_HTTP_RESPONSE_STATUS_CODE, answer.status);
    if (!answer.ok) throw new CommandError(`the object store refused the upload: HTTP ${answer.status}`);
  });
}
