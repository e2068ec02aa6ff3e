import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import pMap from "p-map";
import { resolveMagick } from "../../deploy/local/magick/resolve-magick";
import { projectDirectory } from "../../deploy/local/project-directory";
import { serviceEnvironment } from "../../deploy/local/stack/service-environment";
import type { LocalStack } from "../../deploy/local/stack/start-stack";
import { ConversionOptions } from "../../gen/twirp/mcsv/v1/image";
import { ImageServiceClientProtobuf } from "../../gen/twirp/mcsv/v1/image.twirp";
import { imageConfig } from "../../services/image/config";
import { toConversionSettings } from "../../services/image/conversion-settings";
import { magickArguments } from "../../services/image/magick-arguments";
import { loadConfig } from "../../services/platform/config/define-config";
import { createObjectStore } from "../../services/platform/object-store/create-object-store";
import { createTransport } from "../../services/platform/twirp/client/create-transport";
import { type BenchSection, judge } from "./report";
import { median, NOISY_SPREAD, spread } from "./statistics";

const ROUNDS = 5;
const IMAGES_A_ROUND = 24;
const AIM = 0.95;

/** Conversions through the image service against a bare loop of the same magick, arguments, files and parallelism. */
export async function benchConversions(stack: LocalStack): Promise<BenchSection> {
  const project = projectDirectory();
  const magick = await resolveMagick({ env: process.env, stateDirectory: join(project, ".local") });
  const image = join(project, "deploy", "local", "demo", "images", "mountain-lake.png");
  const parallelism = availableParallelism();
  const directory = await mkdtemp(join(tmpdir(), "mcsv-bench-images-"));
  try {
    const service = await serviceContender(stack, await readFile(image), parallelism);
    const loop = await loopContender(magick.command, { project, directory, image, parallelism });
    try {
      await service.convert();
      await loop();
      const ratios: number[] = [];
      const rates: number[] = [];
      for (let round = 0; round < ROUNDS; round += 1) {
        const [served, looped] = [await rateOf(service.convert), await rateOf(loop)];
        rates.push(served);
        ratios.push(served / looped);
      }
      return report({ ratios, rates, parallelism, magick: `${magick.kind} ${magick.version}` });
    } finally {
      service.close();
    }
  } finally {
    await rm(directory, { recursive: true });
  }
}

async function rateOf(convert: () => Promise<unknown>): Promise<number> {
  const beganMs = performance.now();
  await convert();
  return IMAGES_A_ROUND / ((performance.now() - beganMs) / 1000);
}

/** ConvertImage of the running image service, from the object store to the object store. */
async function serviceContender(stack: LocalStack, bytes: Uint8Array, parallelism: number) {
  const settings = { ports: stack.ports, credentials: stack.credentials, magick: "magick" };
  const config = loadConfig(imageConfig, serviceEnvironment("image", settings));
  const store = createObjectStore({
    endpoint: config.objectStoreEndpoint,
    publicEndpoint: config.objectStorePublicEndpoint,
    region: config.objectStoreRegion,
    bucket: config.objectStoreBucket,
    accessKeyId: config.objectStoreAccessKeyId,
    secretAccessKey: config.objectStoreSecretAccessKey,
  });
  await store.putBytes("bench/source", bytes, { contentType: "image/png" });
  const sourceUrl = await store.presignGet("bench/source", { expiresInSeconds: 3600, audience: "internal" });
  const transport = createTransport({ baseUrl: stack.urls.image, target: "image", timeoutMs: 60_000 });
  const images = new ImageServiceClientProtobuf(transport);
  const convert = () =>
    pMap(
      Array.from({ length: IMAGES_A_ROUND }),
      () => images.ConvertImage({ jobId: randomUUID(), sourceUrl, options: ConversionOptions.create() }),
      { concurrency: parallelism },
    );
  const close = () => {
    transport.close();
    store.close();
  };
  return { convert, close };
}

interface LoopOptions {
  readonly project: string;
  readonly directory: string;
  readonly image: string;
  readonly parallelism: number;
}

/** `xargs -P` over files on disk, under the same policy. */
async function loopContender(command: string, { project, directory, image, parallelism }: LoopOptions) {
  const names = Array.from({ length: IMAGES_A_ROUND }, (_, index) => `image-${index}`);
  await mkdir(join(directory, "in"));
  await mkdir(join(directory, "out"));
  for (const name of names) await copyFile(image, join(directory, "in", name));
  const quoted = [command, ...magickArguments("png", toConversionSettings(undefined))]
    .map((word) => `'${word}'`)
    .join(" ");
  const script = join(directory, "convert.sh");
  await writeFile(script, `${quoted} < "in/$1" > "out/$1.pdf"\n`);
  const list = names.join("\\n");
  const env = {
    ...process.env,
    MAGICK_CONFIGURE_PATH: join(project, "services", "image", "policy"),
    MAGICK_THREAD_LIMIT: "1",
  };
  const line = `printf '${list}\\n' | xargs -P ${parallelism} -n 1 sh '${script}'`;
  return () => promisify(execFile)("sh", ["-c", line], { cwd: directory, env });
}

interface Measured {
  readonly ratios: readonly number[];
  readonly rates: readonly number[];
  readonly parallelism: number;
  readonly magick: string;
}

function report({ ratios, rates, parallelism, magick }: Measured): BenchSection {
  const ratio = median(ratios);
  return {
    title: `conversions, ConvertImage to stored PDF, ${parallelism} at once, magick: ${magick}`,
    rows: [
      {
        what: "image service against xargs -P",
        value: `${median(rates).toFixed(1)} images/s`,
        ratio: `${ratio.toFixed(2)}x`,
        aim: `>= ${AIM}x`,
        verdict: judge(ratio >= AIM, spread(ratios) > NOISY_SPREAD),
      },
    ],
    data: { ratios, imagesPerSecond: rates, magick },
  };
}
