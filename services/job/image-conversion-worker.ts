import { ConversionOptions, ConvertedPdf } from "../../gen/twirp/mcsv/v1/image";
import { ImageServiceClientProtobuf } from "../../gen/twirp/mcsv/v1/image.twirp";
import { type Worker, work } from "../platform/queue/work";
import { internal } from "../platform/twirp/errors";
import { imageCallback } from "./callback-jobs";
import { effectIdOf, fromStored, type ImageConversionJobData } from "./job-data";
import { IMAGE_CONVERSION_QUEUE } from "./queues";
import type { WorkerContext } from "./worker-context";

/** Converts images through the image service, and orders the callback that tells what became of each. */
export function startImageConversionWorker({ boss, transport, logger, settings }: WorkerContext): Promise<Worker> {
  return work<ImageConversionJobData, ConvertedPdf>(boss, {
    ...settings,
    queue: IMAGE_CONVERSION_QUEUE,
    subjectOf: ({ data: { conversionId, userId } }) => ({ conversionId, userId }),
    logger,
    handle: async ({ id, data, signal }) => {
      const images = new ImageServiceClientProtobuf(transport.with({ signal, timeoutMs: settings.attemptTimeoutMs }));
      const { pdf } = await images.ConvertImage({
        jobId: effectIdOf({ id, data }),
        sourceUrl: data.sourceUrl,
        options: fromStored(ConversionOptions, data.options),
      });
      if (pdf === undefined) {
        throw internal(new Error("the image service answered without a PDF"));
      }
      return pdf;
    },
    store: (pdf) => ConvertedPdf.toJson(pdf),
    onCompleted: (job, pdf) => [imageCallback(subjectOf(job), { oneofKind: "pdf", pdf })],
    onFailed: (job, failure) => [imageCallback(subjectOf(job), { oneofKind: "failure", failure })],
  });
}

/** What the callback about a job is about. */
function subjectOf(job: { id: string; data: ImageConversionJobData }) {
  return { jobId: effectIdOf(job), userId: job.data.userId, conversionId: job.data.conversionId };
}
