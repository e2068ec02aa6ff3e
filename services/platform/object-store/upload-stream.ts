import { addAbortSignal, Readable } from "node:stream";
import { type S3Client, UploadPartCommand } from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";

/** What to upload, and where. */
export interface StreamUpload {
  bucket: string;
  key: string;
  source: Readable;
  contentType: string;
  signal: AbortSignal | undefined;
}

/** The smallest that S3 accepts. At most this times {@link CONCURRENT_PARTS} plus one is in memory for each upload. */
const PART_BYTES = 5 * 1024 * 1024;
const CONCURRENT_PARTS = 2;

/**
 * Uploads a stream of unknown length: with one PUT when it ends within the first part, else as a multipart upload.
 *
 * A signal ends the source and the parts on their way rather than the upload: the upload then fails as it does for any
 * broken source, which is the path on which it removes its parts *before* it rejects. Its own `abort()` rejects first and
 * cleans up behind the caller's back.
 */
export async function uploadStream(
  client: S3Client,
  { bucket, key, source, contentType, signal }: StreamUpload,
): Promise<{ bytes: number }> {
  let bytes = 0;
  async function* counted() {
    for await (const chunk of source) {
      bytes += chunk.length;
      yield chunk;
    }
  }
  if (signal !== undefined) {
    addAbortSignal(signal, source);
  }
  const upload = new Upload({
    client: signal === undefined ? client : cancelParts(client, signal),
    params: { Bucket: bucket, Key: key, Body: Readable.from(counted()), ContentType: contentType },
    partSize: PART_BYTES,
    queueSize: CONCURRENT_PARTS,
    leavePartsOnError: false,
  });
  try {
    await upload.done();
    return { bytes };
  } catch (error) {
    source.destroy();
    throw signal?.aborted ? signal.reason : error;
  }
}

/**
 * The client, but with requests that carry a part ending at the signal. All others finish: one that creates or completes
 * an upload and is cut off may have done so, and nobody would know.
 */
function cancelParts(client: S3Client, signal: AbortSignal): S3Client {
  const send = (command: Parameters<S3Client["send"]>[0]) =>
    client.send(command, command instanceof UploadPartCommand ? { abortSignal: signal } : {});
  return Object.assign(Object.create(client) as S3Client, { send });
}
