import { tmpdir } from "node:os";
import { join } from "node:path";
import { metrics } from "@opentelemetry/api";
import { ImageService as ImageContract } from "../../gen/twirp/mcsv/v1/image";
import { createImageServiceServer } from "../../gen/twirp/mcsv/v1/image.twirp";
import { openAuthenticator } from "../platform/auth/open-authenticator";
import { printableConfig } from "../platform/config/define-config";
import { loadContract } from "../platform/contract/load-contract";
import { createHealth } from "../platform/health/health";
import { createServiceApp } from "../platform/http/create-service-app";
import { openPort } from "../platform/http/listen";
import { runProcess } from "../platform/lifecycle/run-process";
import { waitFor } from "../platform/lifecycle/wait-for";
import { createLogger } from "../platform/logging/create-logger";
import { createObjectStore } from "../platform/object-store/create-object-store";
import type { CallContext } from "../platform/twirp/call-context";
import { imageConfig } from "./config";
import { ConversionMetrics } from "./conversion-metrics";
import { ConversionSlots } from "./conversion-slots";
import { createSourceFetcher } from "./fetch-source";
import { ImageService } from "./image-service";
import { createJobDirectories } from "./job-directories";
import { createMagickCheck, type MagickVersion, probeMagick } from "./probe-magick";

/** Time that a call has beside the run of magick itself: to fetch the source and store the PDF. */
const TRANSFER_TIMEOUT_MS = 60_000;
const ANSWER_TIMEOUT_MS = 10_000;
const IDLE_TIMEOUT_MS = 15_000;

runProcess(imageConfig, async ({ config, lifecycle }) => {
  const logger = createLogger({
    service: "image",
    level: config.logLevel,
    format: config.logFormat,
    sampleRatio: config.logSampleRatio,
  });
  lifecycle.useLogger(logger);
  logger.info("starting", { config: printableConfig(imageConfig, config) });

  const meter = metrics.getMeter("mcsv");
  const authenticator = await openAuthenticator("image", config, logger);

  // Dependencies, and what is to be let go at the end; the last one first.
  const store = createObjectStore({
    endpoint: config.objectStoreEndpoint,
    publicEndpoint: config.objectStorePublicEndpoint,
    region: config.objectStoreRegion,
    bucket: config.objectStoreBucket,
    accessKeyId: config.objectStoreAccessKeyId,
    secretAccessKey: config.objectStoreSecretAccessKey,
    meter,
  });
  lifecycle.onStop("object store", () => store.close());
  const fetcher = createSourceFetcher({
    maxBytes: config.maxSourceBytes,
    answerTimeoutMs: ANSWER_TIMEOUT_MS,
    idleTimeoutMs: IDLE_TIMEOUT_MS,
  });
  lifecycle.onStop("source fetcher", () => fetcher.close());
  const directories = await createJobDirectories(config.temporaryDirectory ?? tmpdir());
  lifecycle.onStop("temporary directories", () => directories.close());

  const health = createHealth(lifecycle);
  health.register("object store", (signal) => store.check(signal));
  health.register("magick", createMagickCheck(config.magickBin));
  const http = await openPort({ host: config.host, port: config.port, logger, lifecycle, health });

  const waiting = { logger, signal: lifecycle.stopping };
  let magick: MagickVersion | undefined;
  await waitFor(
    "magick",
    async (signal) => {
      magick = await probeMagick(config.magickBin, signal);
    },
    waiting,
  );
  logger.info("magick answers", {
    command: config.magickBin,
    version: magick?.version,
    is_web_assembly: magick?.isWebAssembly,
  });
  await waitFor("object store", () => store.ensureBucket(), waiting);

  // The service itself.
  const service = new ImageService({
    origin: { endpoint: config.objectStoreEndpoint, bucket: config.objectStoreBucket },
    slots: new ConversionSlots(config.imageConcurrency),
    fetcher,
    store,
    directories,
    magick: {
      command: config.magickBin,
      policyDirectory: join(__dirname, "policy"),
      timeoutMs: config.magickTimeoutMs,
      maxFileBytes: config.maxOutputBytes,
      addressSpaceBytes: magick?.isWebAssembly ? undefined : config.magickAddressSpaceBytes,
    },
    maxOutputBytes: config.maxOutputBytes,
    metrics: new ConversionMetrics(meter),
  });
  const server = createImageServiceServer<CallContext>(service);
  const methods = { ConvertImage: { maxDeadlineMs: config.magickTimeoutMs + TRANSFER_TIMEOUT_MS } };
  const app = createServiceApp({
    contract: loadContract(ImageContract),
    authenticator,
    logger,
    health,
    publicUrl: config.publicUrl,
    corsOrigins: config.corsOrigins,
    twirp: { services: [{ server, methods }], logger },
  });
  http.serve(app);
});
