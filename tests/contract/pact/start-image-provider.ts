import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { metrics } from "@opentelemetry/api";
import type { AuthFiles } from "../../../deploy/local/auth/create-auth-files";
import { resolveMagick } from "../../../deploy/local/magick/resolve-magick";
import { projectDirectory } from "../../../deploy/local/project-directory";
import { startTestServer, testCredentials } from "../../../deploy/local/s3/start-test-server";
import { ImageService as ImageContract } from "../../../gen/twirp/mcsv/v1/image";
import { createImageServiceServer } from "../../../gen/twirp/mcsv/v1/image.twirp";
import { ConversionMetrics } from "../../../services/image/conversion-metrics";
import { ConversionSlots } from "../../../services/image/conversion-slots";
import { createSourceFetcher } from "../../../services/image/fetch-source";
import { ImageService } from "../../../services/image/image-service";
import { createJobDirectories } from "../../../services/image/job-directories";
import { loadContract } from "../../../services/platform/contract/load-contract";
import { keepAnswers } from "../../../services/platform/contract/testing/keep-answers";
import { createHealth } from "../../../services/platform/health/health";
import { createServiceApp } from "../../../services/platform/http/create-service-app";
import { listen } from "../../../services/platform/http/listen";
import { createLifecycle } from "../../../services/platform/lifecycle/lifecycle";
import { createObjectStore } from "../../../services/platform/object-store/create-object-store";
import type { ObjectStore } from "../../../services/platform/object-store/object-store";
import type { CallContext } from "../../../services/platform/twirp/call-context";
import { authenticatorOf, createTestAuthFiles } from "../../support/auth-files";
import { recordLog } from "../../support/record-log";

/** The image service with an object store of its own. */
export interface ImageProvider {
  readonly url: string;
  readonly auth: AuthFiles;
  readonly store: ObjectStore;
  /** A presigned URL of an object, there or not. */
  presign(key: string): Promise<string>;
  stop(): Promise<void>;
}

const MAX_BYTES = 64 * 1024 ** 2;
const MAGICK_TIMEOUT_MS = 30_000;

/** Starts the service in this process, wired as main.ts wires it, with whatever ImageMagick the local stack would take. */
export async function startImageProvider(): Promise<ImageProvider> {
  const { logger } = recordLog();
  const owned = createLifecycle("image");
  const { lifecycle } = owned;
  const temporaryDirectory = await mkdtemp(join(tmpdir(), "mcsv-image-pact-"));
  lifecycle.onStop("temporary directory", () => rm(temporaryDirectory, { recursive: true, force: true }));
  const magick = await resolveMagick({ env: process.env, stateDirectory: temporaryDirectory });
  const s3 = await startTestServer();
  lifecycle.onStop("object store server", () => s3.close());
  const endpoint = s3.url;
  const store = createObjectStore({
    endpoint,
    publicEndpoint: endpoint,
    region: "us-east-1",
    bucket: "mcsv",
    ...testCredentials,
  });
  lifecycle.onStop("object store", () => store.close());
  const fetcher = createSourceFetcher({ maxBytes: MAX_BYTES, answerTimeoutMs: 5_000, idleTimeoutMs: 5_000 });
  lifecycle.onStop("source fetcher", () => fetcher.close());
  const auth = await createTestAuthFiles(lifecycle.onStop);
  const directories = await createJobDirectories(temporaryDirectory);
  lifecycle.onStop("temporary directories", () => directories.close());

  const service = new ImageService({
    origin: { endpoint, bucket: "mcsv" },
    slots: new ConversionSlots(2),
    fetcher,
    store,
    directories,
    magick: {
      command: magick.command,
      policyDirectory: join(projectDirectory(), "services/image/policy"),
      timeoutMs: MAGICK_TIMEOUT_MS,
      maxFileBytes: MAX_BYTES,
      addressSpaceBytes: magick.kind === "wasm" ? undefined : 2 * 1024 ** 3,
    },
    maxOutputBytes: MAX_BYTES,
    metrics: new ConversionMetrics(metrics.getMeter("mcsv")),
  });
  const server = createImageServiceServer<CallContext>(service);
  server.use(keepAnswers(ImageContract));
  const methods = { ConvertImage: { maxDeadlineMs: 2 * MAGICK_TIMEOUT_MS } };
  const app = createServiceApp({
    contract: loadContract(ImageContract),
    authenticator: await authenticatorOf(auth, "image", logger),
    logger,
    health: createHealth(lifecycle),
    twirp: { services: [{ server, methods }], logger },
  });
  const { port } = await listen(app, { host: "127.0.0.1", port: 0, logger, lifecycle });
  return {
    url: `http://127.0.0.1:${port}`,
    auth,
    store,
    presign: (key) => store.presignGet(key, { expiresInSeconds: 600, audience: "internal" }),
    stop: () => owned.stop("test", 5_000),
  };
}
