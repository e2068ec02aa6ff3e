import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { copyFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
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
import type { SourceFormat } from "../../services/image/sniff-format";
import { loadConfig } from "../../services/platform/config/define-config";
import { createObjectStore } from "../../services/platform/object-store/create-object-store";
import { createTransport } from "../../services/platform/twirp/client/create-transport";
import { type BenchSection, judge } from "./report";
import { median, NOISY_SPREAD, spread } from "./statistics";

const ROUNDS = 5;
const AIM = 0.95;

/** An image that is converted again and again, and how often a round. */
interface Subject {
  readonly what: string;
  readonly file: string;
  readonly format: SourceFormat;
  readonly imagesARound: number;
}

interface Measured {
  readonly what: string;
  readonly ratios: readonly number[];
  readonly imagesPerSecond: readonly number[];
}

/** Conversions through the image service against a bare loop of the same magick, arguments, files and parallelism. */
export async function benchConversions(stack: LocalStack): Promise<BenchSection> {
  const project = projectDirectory();
  const magick = await resolveMagick({ env: process.env, stateDirectory: join(project, ".local") });
  const parallelism = availableParallelism();
  const directory = await mkdtemp(join(tmpdir(), "mcsv-bench-images-"));
  try {
    const sample = join(project, "deploy", "local", "demo", "images", "mountain-lake.png");
    const subjects: Subject[] = [{ what: "PNG of 1200 x 800", file: sample, format: "png", imagesARound: 24 }];
    // WebAssembly's command takes only what the image service asks of it.
    if (magick.kind !== "wasm") subjects.push(await cameraPhoto(magick.command, sample, directory));
    const measured: Measured[] = [];
    for (const subject of subjects) {
      measured.push(await measure(stack, magick.command, { subject, project, directory, parallelism }));
    }
    return report(measured, parallelism, `${magick.kind} ${magick.version}`);
  } finally {
    await rm(directory, { recursive: true });
  }
}

/** A JPEG as large as a camera's, made of the sample: scaled up, with noise like a sensor's. */
async function cameraPhoto(command: string, sample: string, directory: string): Promise<Subject> {
  const file = join(directory, "photo.jpg");
  const noise = ["-seed", "1", "-attenuate", "0.15", "+noise", "Gaussian"];
  await promisify(execFile)(command, [sample, "-resize", "4032x3024!", ...noise, "-quality", "90", file]);
  return { what: "JPEG of 4032 x 3024", file, format: "jpeg", imagesARound: 8 };
}

interface MeasureOptions {
  readonly subject: Subject;
  readonly project: string;
  readonly directory: string;
  readonly parallelism: number;
}

async function measure(stack: LocalStack, command: string, options: MeasureOptions): Promise<Measured> {
  const { subject } = options;
  const service = await serviceContender(stack, subject, options.parallelism);
  const loop = await loopContender(command, options);
  try {
    await service.convert();
    await loop();
    const ratios: number[] = [];
    const imagesPerSecond: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const served = subject.imagesARound / (await secondsOf(service.convert));
      const looped = subject.imagesARound / (await secondsOf(loop));
      imagesPerSecond.push(served);
      ratios.push(served / looped);
    }
    return { what: subject.what, ratios, imagesPerSecond };
  } finally {
    service.close();
  }
}

async function secondsOf(convert: () => Promise<unknown>): Promise<number> {
  const beganMs = performance.now();
  await convert();
  return (performance.now() - beganMs) / 1000;
}

/** ConvertImage of the running image service, from the object store to the object store. */
async function serviceContender(stack: LocalStack, { file, format, imagesARound }: Subject, parallelism: number) {
  const settings = { ports: stack.ports, credentials: stack.credentials, auth: stack.auth, magick: "magick" };
  const config = loadConfig(imageConfig, serviceEnvironment("image", settings));
  const store = createObjectStore({
    endpoint: config.objectStoreEndpoint,
    publicEndpoint: config.objectStorePublicEndpoint,
    region: config.objectStoreRegion,
    bucket: config.objectStoreBucket,
    accessKeyId: config.objectStoreAccessKeyId,
    secretAccessKey: config.objectStoreSecretAccessKey,
  });
  await store.putBytes("bench/source", await readFile(file), { contentType: `image/${format}` });
  const sourceUrl = await store.presignGet("bench/source", { expiresInSeconds: 3600, audience: "internal" });
  const authorization = async () => `Bearer ${await stack.auth.serviceToken("job", "image")}`;
  const transport = createTransport({ baseUrl: stack.urls.image, target: "image", timeoutMs: 60_000, authorization });
  const images = new ImageServiceClientProtobuf(transport);
  const convert = () =>
    pMap(
      Array.from({ length: imagesARound }),
      () => images.ConvertImage({ jobId: randomUUID(), sourceUrl, options: ConversionOptions.create() }),
      { concurrency: parallelism },
    );
  const close = () => {
    transport.close();
    store.close();
  };
  return { convert, close };
}

/** `xargs -P` over files on disk, under the same policy. */
async function loopContender(command: string, { subject, project, directory, parallelism }: MeasureOptions) {
  const { file, format, imagesARound } = subject;
  const home = await mkdtemp(join(directory, "loop-"));
  const names = Array.from({ length: imagesARound }, (_, index) => `image-${index}`);
  for (const name of names) await copyFile(file, join(home, name));
  const words = [command, ...magickArguments(format, toConversionSettings(undefined))];
  const script = join(home, "convert.sh");
  await writeFile(script, `${words.map((word) => `'${word}'`).join(" ")} < "$1" > "$1.pdf"\n`);
  const policy = join(project, "services", "image", "policy");
  const env = { ...process.env, MAGICK_CONFIGURE_PATH: policy, MAGICK_THREAD_LIMIT: "1" };
  const line = `printf '%s\\n' ${names.join(" ")} | xargs -P ${parallelism} -n 1 sh '${script}'`;
  return () => promisify(execFile)("sh", ["-c", line], { cwd: home, env });
}

function report(measured: readonly Measured[], parallelism: number, magick: string): BenchSection {
  return {
    title: `conversions, ConvertImage to stored PDF against xargs -P, ${parallelism} at once, magick: ${magick}`,
    rows: measured.map(({ what, ratios, imagesPerSecond }) => ({
      what,
      value: `${median(imagesPerSecond).toFixed(1)} images/s`,
      ratio: `${median(ratios).toFixed(2)}x`,
      aim: `>= ${AIM}x`,
      verdict: judge(median(ratios) >= AIM, spread(ratios) > NOISY_SPREAD),
    })),
    data: { magick, measured },
  };
}
