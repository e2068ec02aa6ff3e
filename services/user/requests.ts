import { Timestamp } from "../../gen/twirp/google/protobuf/timestamp";
import type { EmailDelivery } from "../../gen/twirp/mcsv/v1/email";
import { ConversionOptions, type ConvertedPdf, PageSize, Quality } from "../../gen/twirp/mcsv/v1/image";
import type { JobFailure } from "../../gen/twirp/mcsv/v1/job";
import {
  ConversionStatus,
  type CreateAccessTokenRequest,
  type CreateUploadRequest,
  type CreateUserRequest,
  type GetConversionRequest,
  type GetUserRequest,
  type ListConversionsRequest,
  type UserServiceConvertImageRequest,
  type UserServiceNotifyEmailDeliveredRequest,
  type UserServiceNotifyImageConvertedRequest,
} from "../../gen/twirp/mcsv/v1/user";
import type { Caller } from "../platform/auth/caller";
import { ownerOf } from "../platform/auth/owner";
import { decodePageToken, type PagePosition } from "../platform/paging/page-token";
import { invalidArgument, resourceExhausted } from "../platform/twirp/errors";
import { canonicalEmailAddress } from "../platform/validation/email-address";
import { checkRange, checkText, checkUuid, cleanText } from "../platform/validation/fields";
import { formatFromProto, formatOf, type SourceFormat } from "./image-format";
import { pdfKey } from "./object-keys";

// What each request must be, and what it is once it has been checked. Every check throws invalid_argument with
// meta.argument = path of the field, where nothing else is said.

const MIB = 1024 * 1024;
/** Largest inline image in bytes. */
const MAX_INLINE_IMAGE_BYTES = 8 * MIB;
/** Largest body of ConvertImage in bytes: the image in base64, as JSON has it, and the other fields. */
export const MAX_CONVERT_IMAGE_BODY_BYTES = Math.ceil((MAX_INLINE_IMAGE_BYTES * 4) / 3) + MIB / 16;
/** Largest uploaded image in bytes. */
const MAX_UPLOAD_BYTES = 64 * MIB;
const MAX_PAGE_SIZE = 200;
const DEFAULT_PAGE_SIZE = 50;
/** Most characters of a failure that are kept. */
const MAX_FAILURE_CODE = 100;
const MAX_FAILURE_MESSAGE = 2000;
/** Most characters of a message id and of an address that are kept: the longest line of a mail (RFC 5322 section 2.1.1). */
const MAX_MAIL_TEXT = 998;
/** What google.protobuf.Timestamp can carry: the years 1 to 9999. */
const EARLIEST_SECONDS = -62_135_596_800n;
const LATEST_SECONDS = 253_402_300_799n;

/** A user to create. */
export interface NewUser {
  idempotencyKey: string;
  email: string;
  name: string;
}

/** Checks CreateUser. The name is brought into Unicode's composed form (NFC). */
export function checkCreateUser(request: CreateUserRequest): NewUser {
  const idempotencyKey = checkIdempotencyKey(request.idempotencyKey);
  const email = canonicalEmailAddress(request.email);
  const name = checkText("name", request.name.normalize("NFC"), { min: 1, max: 200 });
  if (name.trim() === "") {
    throw invalidArgument("name", "must not be blank");
  }
  return { idempotencyKey, email, name };
}

/** Checks CreateAccessToken and returns the user's id. */
export function checkCreateAccessToken(request: CreateAccessTokenRequest): string {
  return checkUuid("user_id", request.userId);
}

/** Which user. */
export type UserKey = { id: string } | { email: string };

/** Checks GetUser. */
export function checkGetUser({ key }: GetUserRequest): UserKey {
  switch (key.oneofKind) {
    case "id":
      return { id: checkUuid("id", key.id) };
    case "email":
      return { email: canonicalEmailAddress(key.email) };
    default:
      throw invalidArgument("key", "must be set: id or email");
  }
}

/** An upload to prepare. */
export interface NewUpload {
  idempotencyKey: string;
  userId: string;
  format: SourceFormat;
  sizeBytes: number;
}

/** Checks CreateUpload; the caller is the owner. */
export function checkCreateUpload(request: CreateUploadRequest, caller: Caller): NewUpload {
  const idempotencyKey = checkIdempotencyKey(request.idempotencyKey);
  const userId = ownerOf(caller, request.userId);
  const format = formatFromProto(request.format);
  if (format === undefined) {
    throw invalidArgument("format", "must be IMAGE_FORMAT_PNG or IMAGE_FORMAT_JPEG");
  }
  if (request.sizeBytes < 1n || request.sizeBytes > BigInt(MAX_UPLOAD_BYTES)) {
    throw invalidArgument("size_bytes", `must be 1 to ${MAX_UPLOAD_BYTES} (64 MiB)`);
  }
  return { idempotencyKey, userId, format, sizeBytes: Number(request.sizeBytes) };
}

/** An image that came in the request. */
interface InlineImage {
  kind: "inline";
  bytes: Uint8Array;
  format: SourceFormat;
}

/** An image that was uploaded before. */
interface UploadedImage {
  kind: "upload";
  uploadId: string;
}

/** A conversion to order. */
export interface NewConversion {
  idempotencyKey: string;
  userId: string;
  fileName: string;
  options: ConversionOptions;
  source: InlineImage | UploadedImage;
}

/**
 * Checks ConvertImage; the caller is the owner.
 *
 * @throws TwirpError resource_exhausted for an inline image above 8 MiB
 */
export function checkConvertImage(request: UserServiceConvertImageRequest, caller: Caller): NewConversion {
  const idempotencyKey = checkIdempotencyKey(request.idempotencyKey);
  const userId = ownerOf(caller, request.userId);
  const fileName = checkText("file_name", request.fileName, { min: 1, max: 255 });
  if (fileName.includes("/")) {
    throw invalidArgument("file_name", 'must not contain "/"');
  }
  const options = checkOptions(request.options ?? ConversionOptions.create());
  return { idempotencyKey, userId, fileName, options, source: checkSource(request.source) };
}

function checkSource(source: UserServiceConvertImageRequest["source"]): NewConversion["source"] {
  switch (source.oneofKind) {
    case "image": {
      if (source.image.length > MAX_INLINE_IMAGE_BYTES) {
        throw resourceExhausted("an inline image has at most 8 MiB; larger ones go through CreateUpload", {
          argument: "image",
          permanent: "true",
        });
      }
      const format = formatOf(source.image);
      if (format === undefined) {
        throw invalidArgument("image", "must be a PNG or JPEG image");
      }
      return { kind: "inline", bytes: source.image, format };
    }
    case "uploadId":
      return { kind: "upload", uploadId: checkUuid("upload_id", source.uploadId) };
    default:
      throw invalidArgument("source", "must be set: image or upload_id");
  }
}

function checkOptions(options: ConversionOptions): ConversionOptions {
  if (Quality[options.quality] === undefined) {
    throw invalidArgument("options.quality", "must be a value of mcsv.v1.Quality");
  }
  if (PageSize[options.pageSize] === undefined) {
    throw invalidArgument("options.page_size", "must be a value of mcsv.v1.PageSize");
  }
  if (options.densityDpi !== 0) {
    checkRange("options.density_dpi", options.densityDpi, 36, 1200);
  }
  checkRange("options.max_width_px", options.maxWidthPx, 0, 12_000);
  checkRange("options.max_height_px", options.maxHeightPx, 0, 12_000);
  return options;
}

/** Checks GetConversion and returns the conversion's id. */
export function checkGetConversion(request: GetConversionRequest): string {
  return checkUuid("conversion_id", request.conversionId);
}

/** A page of conversions to list. */
export interface ConversionPage {
  userId: string;
  /** CONVERSION_STATUS_UNSPECIFIED selects all. */
  status: ConversionStatus;
  pageSize: number;
  /** The last conversion of the page before; undefined for the first page. */
  after: PagePosition | undefined;
}

/** Checks ListConversions; those of the caller are meant. */
export function checkListConversions(request: ListConversionsRequest, caller: Caller): ConversionPage {
  const userId = ownerOf(caller, request.userId);
  if (ConversionStatus[request.status] === undefined) {
    throw invalidArgument("status", "must be a value of mcsv.v1.ConversionStatus");
  }
  const pageSize = checkRange("page_size", request.pageSize, 0, MAX_PAGE_SIZE) || DEFAULT_PAGE_SIZE;
  const after = request.pageToken === "" ? undefined : decodePageToken(request.pageToken);
  return { userId, status: request.status, pageSize, after };
}

/** What became of a mail. */
export interface EmailOutcome {
  jobId: string;
  userId: string;
  outcome: { kind: "delivered"; delivery: EmailDelivery; at: Date } | { kind: "failed"; failure: JobFailure };
}

/** Checks NotifyEmailDelivered. */
export function checkNotifyEmailDelivered(request: UserServiceNotifyEmailDeliveredRequest): EmailOutcome {
  const jobId = checkUuid("job_id", request.jobId);
  const userId = checkUuid("user_id", request.userId);
  switch (request.outcome.oneofKind) {
    case "delivery": {
      const delivery = cleanDelivery(request.outcome.delivery);
      const at = deliveryTime(delivery);
      return { jobId, userId, outcome: { kind: "delivered", delivery, at } };
    }
    case "failure":
      return { jobId, userId, outcome: { kind: "failed", failure: cleanFailure(request.outcome.failure) } };
    default:
      throw invalidArgument("outcome", "must be set: delivery or failure");
  }
}

/** What became of a conversion. */
export interface ConversionOutcome {
  jobId: string;
  conversionId: string;
  outcome: { kind: "completed"; pdf: ConvertedPdf } | { kind: "failed"; failure: JobFailure };
}

/** Checks NotifyImageConverted. Only the job's own PDF is accepted: a URL is signed for whatever key is stored. */
export function checkNotifyImageConverted(request: UserServiceNotifyImageConvertedRequest): ConversionOutcome {
  const jobId = checkUuid("job_id", request.jobId);
  const conversionId = checkUuid("conversion_id", request.conversionId);
  switch (request.outcome.oneofKind) {
    case "pdf": {
      const { pdf } = request.outcome;
      if (pdf.objectKey !== pdfKey(jobId)) {
        throw invalidArgument("pdf.object_key", `must be the job's own, ${pdfKey(jobId)}`);
      }
      if (pdf.inputBytes < 0n || pdf.outputBytes < 0n) {
        throw invalidArgument("pdf", "must not have negative sizes");
      }
      return { jobId, conversionId, outcome: { kind: "completed", pdf } };
    }
    case "failure":
      return { jobId, conversionId, outcome: { kind: "failed", failure: cleanFailure(request.outcome.failure) } };
    default:
      throw invalidArgument("outcome", "must be set: pdf or failure");
  }
}

/** The time of delivery, or now where the message has none. */
function deliveryTime({ deliveredAt }: EmailDelivery): Date {
  if (deliveredAt === undefined) {
    return new Date();
  }
  const { seconds, nanos } = deliveredAt;
  if (seconds < EARLIEST_SECONDS || seconds > LATEST_SECONDS || nanos < 0 || nanos > 999_999_999) {
    throw invalidArgument("delivery.delivered_at", "must be a time between the years 1 and 9999");
  }
  return Timestamp.toDate(deliveredAt);
}

function cleanDelivery(delivery: EmailDelivery): EmailDelivery {
  return {
    ...delivery,
    messageId: cleanText(delivery.messageId, MAX_MAIL_TEXT),
    recipientAddress: cleanText(delivery.recipientAddress, MAX_MAIL_TEXT),
  };
}

function cleanFailure(failure: JobFailure): JobFailure {
  return {
    code: cleanText(failure.code, MAX_FAILURE_CODE) || "unknown",
    message: cleanText(failure.message, MAX_FAILURE_MESSAGE),
  };
}

function checkIdempotencyKey(key: string): string {
  return checkText("idempotency_key", key, { min: 1, max: 200 });
}
