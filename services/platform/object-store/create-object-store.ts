import { Readable } from "node:stream";
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
} from "@aws-sdk/client-s3";
import { createNoopMeter, type Meter } from "@opentelemetry/api";
import { abortUploads, listObjects } from "./list-objects";
import { measureRequests } from "./measure-requests";
import type { ObjectStore } from "./object-store";
import { presignGet, presignPut } from "./presign";
import { untraced } from "./untraced";
import { uploadStream } from "./upload-stream";

export type { ObjectStore } from "./object-store";

/** Where the object store is and who we are there. */
export interface ObjectStoreOptions {
  /** URL by which services reach the store: `http://127.0.0.1:9000`. */
  endpoint: string;
  /** URL by which everybody else reaches it; presigned URLs for the public are signed for this host. */
  publicEndpoint: string;
  /** Any name for a store that has no regions, but the same on both sides: it is part of every signature. */
  region: string;
  bucket: string;
  accessKeyId: string;
  secretAccessKey: string;
  /** Where requests are measured; nowhere unless given. */
  meter?: Meter;
}

const CONNECTION_TIMEOUT_MS = 2_000;
/** From the end of the request to the first byte of the answer. */
const REQUEST_TIMEOUT_MS = 30_000;
/** Longest silence on a socket in use. */
const SOCKET_TIMEOUT_MS = 30_000;
const MAX_SOCKETS = 64;
/** Network errors, throttling and 5xx are tried again, with backoff, up to this many attempts in all. */
const MAX_ATTEMPTS = 3;

/** Opens a bucket. Nothing connects until the first call, and sockets are kept open between calls. */
export function createObjectStore(options: ObjectStoreOptions): ObjectStore {
  const client = createClient(options, options.endpoint);
  measureRequests(client, options.meter ?? createNoopMeter());
  // Never connects: it only signs URLs, for the host that outsiders see.
  const publicClient = createClient(options, options.publicEndpoint);
  const Bucket = options.bucket;

  return {
    async putBytes(Key, Body, { contentType, signal }) {
      const command = new PutObjectCommand({ Bucket, Key, Body, ContentType: contentType, ContentLength: Body.length });
      await untilAborted(signal, () => client.send(command, sendOptions(signal)));
    },

    putStream(key, source, { contentType, signal }) {
      return uploadStream(client, { bucket: Bucket, key, source, contentType, signal });
    },

    async head(Key) {
      try {
        const { ContentLength, ContentType } = await client.send(new HeadObjectCommand({ Bucket, Key }));
        return { bytes: ContentLength ?? 0, contentType: ContentType ?? "" };
      } catch (error) {
        if (statusOf(error) === 404) {
          return undefined;
        }
        throw error;
      }
    },

    async readRange(Key, start, endInclusive) {
      try {
        const { Body } = await client.send(
          new GetObjectCommand({ Bucket, Key, Range: `bytes=${start}-${endInclusive}` }),
        );
        return Body === undefined ? new Uint8Array() : await Body.transformToByteArray();
      } catch (error) {
        // The object ends before `start`: RFC 9110, section 15.5.17.
        if (statusOf(error) === 416) {
          return new Uint8Array();
        }
        throw error;
      }
    },

    async get(Key) {
      const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }));
      return Body instanceof Readable ? Body : Readable.from([]);
    },

    presignGet(key, { audience, ...rest }) {
      return presignGet(audience === "public" ? publicClient : client, Bucket, key, rest);
    },

    presignPut(key, presignOptions) {
      return presignPut(publicClient, Bucket, key, presignOptions);
    },

    async delete(Key) {
      await client.send(new DeleteObjectCommand({ Bucket, Key }));
    },

    list: (prefix) => listObjects(client, Bucket, prefix),

    abortUploads: (abandoned) => abortUploads(client, Bucket, abandoned),

    ensureBucket() {
      return untraced(() => ensureBucket(client, Bucket));
    },

    async check(signal) {
      const probe = () => client.send(new HeadBucketCommand({ Bucket }), { abortSignal: signal });
      await untraced(() => untilAborted(signal, probe));
    },

    close() {
      client.destroy();
      publicClient.destroy();
    },
  };
}

function createClient({ region, accessKeyId, secretAccessKey }: ObjectStoreOptions, endpoint: string): S3Client {
  return new S3Client({
    endpoint,
    region,
    credentials: { accessKeyId, secretAccessKey },
    // Bucket in the path: self-hosted stores have no DNS name for each bucket.
    forcePathStyle: true,
    // The signature already covers a SHA-256 of every body; stores other than S3 do not all know the newer checksums.
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
    maxAttempts: MAX_ATTEMPTS,
    requestHandler: {
      connectionTimeout: CONNECTION_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      throwOnRequestTimeout: true,
      socketTimeout: SOCKET_TIMEOUT_MS,
      httpAgent: { keepAlive: true, maxSockets: MAX_SOCKETS },
      httpsAgent: { keepAlive: true, maxSockets: MAX_SOCKETS },
    },
  });
}

async function ensureBucket(client: S3Client, Bucket: string): Promise<void> {
  try {
    await client.send(new HeadBucketCommand({ Bucket }));
  } catch (error) {
    if (statusOf(error) !== 404) {
      throw error;
    }
    await createBucket(client, Bucket);
  }
}

async function createBucket(client: S3Client, Bucket: string): Promise<void> {
  try {
    await client.send(new CreateBucketCommand({ Bucket }));
  } catch (error) {
    // Another process was faster.
    if (!(error instanceof S3ServiceException && error.name === "BucketAlreadyOwnedByYou")) {
      throw error;
    }
  }
}

/** Rejects with the signal's reason, which says more than the SDK's "Request aborted". */
async function untilAborted<T>(signal: AbortSignal | undefined, send: () => Promise<T>): Promise<T> {
  try {
    return await send();
  } catch (error) {
    throw signal?.aborted ? signal.reason : error;
  }
}

function sendOptions(signal: AbortSignal | undefined): { abortSignal?: AbortSignal } {
  return signal === undefined ? {} : { abortSignal: signal };
}

function statusOf(error: unknown): number | undefined {
  return error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;
}
