import {
  type ConvertedPdf,
  ImageFormat,
  type ImageServiceConvertImageRequest,
  type ImageServiceConvertImageResponse,
} from "../../gen/twirp/mcsv/v1/image";
import type { ImageServiceTwirp } from "../../gen/twirp/mcsv/v1/image.twirp";
import { noteSubject } from "../platform/http/request-context";
import type { CallContext } from "../platform/twirp/call-context";
import { codeOf } from "../platform/twirp/errors";
import { toConversionSettings } from "./conversion-settings";
import type { ConversionSlots } from "./conversion-slots";
import {
  type ConversionDependencies,
  type ConversionOrder,
  type ConversionResult,
  convertImage,
} from "./convert-image";
import type { SourceFormat } from "./sniff-format";
import { checkSourceUrl, type SourceOrigin } from "./source-url";

/** What the service needs. */
export interface ImageServiceDependencies extends ConversionDependencies {
  readonly origin: SourceOrigin;
  readonly slots: ConversionSlots;
}

/** Implements mcsv.v1.ImageService. */
export class ImageService implements ImageServiceTwirp<CallContext> {
  readonly #dependencies: ImageServiceDependencies;

  constructor(dependencies: ImageServiceDependencies) {
    this.#dependencies = dependencies;
  }

  /** See image.proto. */
  async ConvertImage(
    context: CallContext,
    request: ImageServiceConvertImageRequest,
  ): Promise<ImageServiceConvertImageResponse> {
    const started = performance.now();
    const jobId = request.jobId.toLowerCase();
    noteSubject({ jobId });
    const order = {
      url: checkSourceUrl(request.sourceUrl, this.#dependencies.origin),
      objectKey: `pdf/${jobId}.pdf`,
      settings: toConversionSettings(request.options),
      signal: context.signal,
    };
    const result = await this.#convert(order, started);
    const durationMs = Math.round(performance.now() - started);
    context.logger.info("image converted", {
      format: result.format,
      width_px: result.size.widthPx,
      height_px: result.size.heightPx,
      input_bytes: result.inputBytes,
      output_bytes: result.outputBytes,
      duration_ms: durationMs,
    });
    return { pdf: toProto(order.objectKey, result, durationMs) };
  }

  async #convert(order: ConversionOrder, started: number): Promise<ConversionResult> {
    const { slots, metrics } = this.#dependencies;
    const seconds = () => (performance.now() - started) / 1000;
    try {
      const result = await slots.run(() => convertImage(this.#dependencies, order));
      metrics.completed(result, seconds());
      return result;
    } catch (error) {
      metrics.failed(codeOf(error), seconds());
      throw error;
    }
  }
}

function toProto(objectKey: string, result: ConversionResult, durationMs: number): ConvertedPdf {
  return {
    objectKey,
    sourceFormat: toProtoFormat(result.format),
    widthPx: result.size.widthPx,
    heightPx: result.size.heightPx,
    inputBytes: BigInt(result.inputBytes),
    outputBytes: BigInt(result.outputBytes),
    durationMs,
  };
}

function toProtoFormat(format: SourceFormat): ImageFormat {
  switch (format) {
    case "png":
      return ImageFormat.PNG;
    case "jpeg":
      return ImageFormat.JPEG;
    default:
      return format satisfies never;
  }
}
