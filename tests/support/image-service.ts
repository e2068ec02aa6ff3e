import { randomUUID } from "node:crypto";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { buffer } from "node:stream/consumers";
import { ListMultipartUploadsCommand } from "@aws-sdk/client-s3";
import Koa from "koa";
import winston from "winston";
import { startTestServer, testCredentials } from "../../deploy/local/s3/start-test-server";
import { ConversionOptions, type ConvertedPdf, ImageService as ImageContract } from "../../gen/twirp/mcsv/v1/image";
import { createImageServiceServer, ImageServiceClientProtobuf } from "../../gen/twirp/mcsv/v1/image.twirp";
import { ConversionMetrics } from "../../services/image/conversion-metrics";
import { ConversionSlots } from "../../services/image/conversion-slots";
import { createSourceFetcher } from "../../services/image/fetch-source";
import { ImageService } from "../../services/image/image-service";
import { createJobDirectories } from "../../services/image/job-directories";
import { loadContract } from "../../services/platform/contract/load-contract";
import { keepAnswers } from "../../services/platform/contract/testing/keep-answers";
import { createObjectStore, type ObjectStore } from "../../services/platform/object-store/create-object-store";
import type { CallContext } from "../../services/platform/twirp/call-context";
import { createTransport } from "../../services/platform/twirp/client/create-transport";
import { twirpHost } from "../../services/platform/twirp/host/twirp-host";
import { openGate } from "../../services/platform/twirp/testing/open-gate";
import { type MetricRecord, recordMetrics } from "./record-metrics";

/** What differs from the service as it is deployed. */
export interface TestImageServiceOptions {
  /** Path of the magick command. */
  magick: string;
  isWebAssembly: boolean;
  concurrency?: number;
  timeoutMs?: number;
  maxSourceBytes?: number;
  maxOutputBytes?: number;
}

/** The image service on real sockets, with an object store of its own. */
export interface TestImageService {
  readonly store: ObjectStore;
  /** URL of the object store. */
  readonly storeUrl: string;
  /** Directory below which each run of magick has its own. */
  readonly temporaryDirectory: string;
  readonly metrics: MetricRecord;
  /** Stores an image and returns a presigned URL of it. */
  upload(image: Uint8Array): Promise<string>;
  /** Calls ConvertImage. */
  convertUrl(sourceUrl: string, options?: Partial<ConversionOptions>, call?: ConvertCall): Promise<ConvertedPdf>;
  /** Stores an image, converts it, and reads the PDF. */
  convert(image: Uint8Array, options?: Partial<ConversionOptions>): Promise<{ pdf: ConvertedPdf; bytes: Buffer }>;
  /** Keys below `pdf/` that exist or are being uploaded, and temporary files: what a failure must not leave. */
  leftovers(jobId: string): Promise<string[]>;
  close(): Promise<void>;
}

/** Details of one call. */
export interface ConvertCall {
  jobId?: string;
  timeoutMs?: number;
  signal?: AbortSignal;
}

const DEFAULT_TIMEOUT_MS = 60_000;

/** Starts the service as main.ts wires it, on free ports. */
export async function startTestImageService(options: TestImageServiceOptions): Promise<TestImageService> {
  const s3 = await startTestServer();
  const temporaryDirectory = await mkdtemp(path.join(tmpdir(), "mcsv-image-test-"));
  const directories = await createJobDirectories(temporaryDirectory);
  const store = createObjectStore({
    endpoint: s3.url,
    publicEndpoint: s3.url,
    region: "us-east-1",
    bucket: "mcsv",
    ...testCredentials,
  });
  const maxOutputBytes = options.maxOutputBytes ?? 512 * 1024 ** 2;
  const fetcher = createSourceFetcher({
    maxBytes: options.maxSourceBytes ?? 64 * 1024 ** 2,
    answerTimeoutMs: 5_000,
    idleTimeoutMs: 5_000,
  });
  const metrics = recordMetrics();
  const service = new ImageService({
    origin: { endpoint: s3.url, bucket: "mcsv" },
    slots: new ConversionSlots(options.concurrency ?? 4),
    fetcher,
    store,
    directories,
    magick: {
      command: options.magick,
      policyDirectory: path.resolve(__dirname, "../../services/image/policy"),
      timeoutMs: options.timeoutMs ?? DEFAULT_TIMEOUT_MS,
      maxFileBytes: maxOutputBytes,
      addressSpaceBytes: options.isWebAssembly ? undefined : 2 * 1024 ** 3,
    },
    maxOutputBytes,
    metrics: new ConversionMetrics(metrics.meter),
  });
  const app = new Koa();
  const logger = winston.createLogger({ silent: true });
  const server = createImageServiceServer<CallContext>(service);
  server.use(keepAnswers(ImageContract));
  const { requests } = loadContract(ImageContract);
  app.use(
    twirpHost({ services: [{ server, maxDeadlineMs: 2 * DEFAULT_TIMEOUT_MS }], gate: openGate(), requests, logger }),
  );
  const http = createServer(app.callback());
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  const transport = createTransport({
    baseUrl: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    target: "image",
  });

  const upload = async (image: Uint8Array) => {
    const key = `uploads/${randomUUID()}`;
    await store.putBytes(key, image, { contentType: "image/png" });
    return store.presignGet(key, { expiresInSeconds: 600, audience: "internal" });
  };
  const convertUrl = async (sourceUrl: string, settings: Partial<ConversionOptions> = {}, call: ConvertCall = {}) => {
    const { jobId = randomUUID(), timeoutMs = 2 * DEFAULT_TIMEOUT_MS, signal } = call;
    const client = new ImageServiceClientProtobuf(
      transport.with({ timeoutMs, ...(signal === undefined ? {} : { signal }) }),
    );
    const answer = await client.ConvertImage({ jobId, sourceUrl, options: ConversionOptions.create(settings) });
    if (answer.pdf === undefined) {
      throw new Error("the answer describes no PDF");
    }
    return answer.pdf;
  };
  return {
    store,
    storeUrl: s3.url,
    temporaryDirectory,
    metrics,
    upload,
    convertUrl,
    async convert(image, settings) {
      const pdf = await convertUrl(await upload(image), settings);
      return { pdf, bytes: await buffer(await store.get(pdf.objectKey)) };
    },
    async leftovers(jobId) {
      const key = `pdf/${jobId}.pdf`;
      const { Uploads = [] } = await s3.client.send(new ListMultipartUploadsCommand({ Bucket: "mcsv" }));
      return [
        ...((await store.head(key)) === undefined ? [] : [key]),
        ...Uploads.map((started) => `upload of ${started.Key}`),
        ...(await readdir(temporaryDirectory, { recursive: true })).filter((name) => name.includes("job-")),
      ];
    },
    async close() {
      transport.close();
      await new Promise((resolve) => {
        http.close(resolve);
        http.closeAllConnections();
      });
      fetcher.close();
      await directories.close();
      store.close();
      await s3.close();
      await rm(temporaryDirectory, { recursive: true, force: true });
    },
  };
}
