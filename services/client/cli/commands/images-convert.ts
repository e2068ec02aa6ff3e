import { randomUUID } from "node:crypto";
import { basename } from "node:path";
import pMap from "p-map";
import type { ConversionOptions } from "../../../../gen/client/mcsv/v1/image";
import { Conversion, ConversionStatus, UserServiceConvertImageRequest } from "../../../../gen/client/mcsv/v1/user";
import type { UserServiceClientProtobuf } from "../../../../gen/client/mcsv/v1/user.twirp-client";
import type { Clients } from "../clients";
import { CommandError, errorCode, explain } from "../errors";
import { findOrCreateUser } from "../find-or-create-user";
import { imageSource } from "../image-source";
import { formatBytes, formatMs, type Output, table } from "../output";
import { createPdfDirectory, type PdfDirectory } from "../pdf-directory";
import { pollUntil } from "../poll";
import { startProgress } from "../progress";
import { type Flow, inFlow, withoutSpans } from "../tracing";

/** What `images convert` was asked for. */
export interface ConvertImagesOptions {
  readonly files: readonly string[];
  readonly email: string;
  readonly name: string;
  readonly options: ConversionOptions;
  /** Directory that the PDFs are written to; made when missing. */
  readonly out: string;
  readonly concurrency: number;
  /** How long to wait for each PDF, in milliseconds. */
  readonly timeoutMs: number;
}

/** What became of one image. */
export interface ConvertedImage {
  readonly file: string;
  readonly conversion?: Conversion;
  /** Trace from the first call to the last callback; undefined when nothing is traced. */
  readonly traceId?: string | undefined;
  /** Path of the PDF that was written. */
  readonly pdf?: string;
  readonly error?: { readonly code: string; readonly message: string };
}

/** Converts images, several at once, and downloads the PDFs. A failure of one does not stop the others. */
export async function convertImages(
  clients: Clients,
  options: ConvertImagesOptions,
  output: Output,
): Promise<readonly ConvertedImage[]> {
  const user = await findOrCreateUser(clients, options.email, options.name);
  const users = clients.asUser(user.id);
  const directory = await createPdfDirectory(options.out, options.files);
  const progress = startProgress(output, "images", options.files.length);
  try {
    return await pMap(
      options.files,
      async (file, index) => {
        const converted = await inFlow("convert image", (flow) =>
          convertImage(users, options, directory, { file, index, flow }),
        );
        progress.tick();
        return converted;
      },
      { concurrency: options.concurrency },
    );
  } finally {
    progress.stop();
  }
}

/** Prints the PDFs, or why there are none. */
export function printConversions(output: Output, results: readonly ConvertedImage[]): void {
  const done = results.filter(({ error }) => error === undefined);
  const failed = results.filter(({ error }) => error !== undefined);
  if (done.length > 0) {
    const rows = done.map(({ file, pdf, conversion, traceId }) => [
      file,
      pdf ?? "-",
      `${conversion?.pdf?.widthPx} x ${conversion?.pdf?.heightPx}`,
      `${formatBytes(conversion?.pdf?.inputBytes ?? 0n)} -> ${formatBytes(conversion?.pdf?.outputBytes ?? 0n)}`,
      formatMs(conversion?.pdf?.durationMs ?? 0),
      conversion?.jobId ?? "-",
      traceId ?? "-",
    ]);
    output.line(table(["image", "pdf", "pixels", "size", "took", "job", "trace"], rows));
  }
  for (const { file, error, traceId } of failed) {
    output.note(`failed: ${file}: ${error?.message}${traceId === undefined ? "" : ` (trace ${traceId})`}`);
  }
  output.line(`${done.length} converted, ${failed.length} failed`);
  output.document({
    converted: done.map(({ file, pdf, conversion, traceId }) => ({
      file,
      pdf,
      traceId,
      conversion: conversion === undefined ? undefined : Conversion.toJSON(conversion),
    })),
    failed: failed.map(({ file, error, conversion, traceId }) => ({
      file,
      ...error,
      jobId: conversion?.jobId,
      traceId,
    })),
  });
}

async function convertImage(
  users: UserServiceClientProtobuf,
  { options, timeoutMs }: ConvertImagesOptions,
  directory: PdfDirectory,
  { file, index, flow }: { file: string; index: number; flow: Flow },
): Promise<ConvertedImage> {
  const { traceId } = flow;
  let conversion: Conversion | undefined;
  try {
    const source = await imageSource(users, file);
    const order = { idempotencyKey: randomUUID(), fileName: basename(file), options, source };
    const ordered = await users.ConvertImage(UserServiceConvertImageRequest.create(order));
    if (ordered.conversion === undefined) throw new CommandError("the user service answered without a conversion");
    const { id, jobId, userId } = ordered.conversion;
    flow.isAbout({ conversionId: id, jobId, userId });
    conversion = await waitForConversion(users, ordered.conversion, timeoutMs);
    return { file, traceId, conversion, pdf: await directory.download(index, conversion.pdfUrl) };
  } catch (error) {
    flow.failed(error);
    const failure = { code: errorCode(error), message: explain(error) };
    return { file, traceId, error: failure, ...(conversion === undefined ? {} : { conversion }) };
  }
}

async function waitForConversion(
  users: UserServiceClientProtobuf,
  ordered: Conversion,
  timeoutMs: number,
): Promise<Conversion> {
  const current = await withoutSpans(() =>
    pollUntil({
      timeoutMs,
      poll: async () => (await users.GetConversion({ conversionId: ordered.id })).conversion,
      done: (found) => found !== undefined && found.status !== ConversionStatus.CONVERSION_STATUS_PENDING,
    }),
  );
  const conversion = current ?? ordered;
  switch (conversion.status) {
    case ConversionStatus.CONVERSION_STATUS_COMPLETED:
      return conversion;
    case ConversionStatus.CONVERSION_STATUS_FAILED:
      throw new CommandError(
        `${conversion.failure?.code}: ${conversion.failure?.message} (see: jobs show ${conversion.jobId})`,
      );
    default:
      throw new CommandError(
        `no PDF after ${timeoutMs / 1000} s; the job goes on (see: jobs show ${conversion.jobId}), and --timeout waits longer`,
      );
  }
}
