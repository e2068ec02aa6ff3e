import { Timestamp } from "../../gen/twirp/google/protobuf/timestamp";
import type { EmailDelivery } from "../../gen/twirp/mcsv/v1/email";
import { ConversionOptions, type ConvertedPdf } from "../../gen/twirp/mcsv/v1/image";
import type { JobFailure } from "../../gen/twirp/mcsv/v1/job";
import type {
  ConversionStatus,
  CreateAccessTokenRequest,
  CreateUploadRequest,
  CreateUserRequest,
  GetConversionRequest,
  GetUserRequest,
  ListConversionsRequest,
  UserServiceConvertImageRequest,
  UserServiceNotifyEmailDeliveredRequest,
  UserServiceNotifyImageConvertedRequest,
} from "../../gen/twirp/mcsv/v1/user";
import type { Caller } from "../platform/auth/caller";
import { ownerOf } from "../platform/auth/owner";
import { schemaBroken } from "../platform/contract/schema-broken";
import { pageSizeOf } from "../platform/paging/page-size";
import { decodePageToken, type PagePosition } from "../platform/paging/page-token";
import { invalidArgument } from "../platform/twirp/errors";
import { cleanText } from "../platform/validation/clean-text";
import { canonicalEmailAddress } from "../platform/validation/email-address";
import { formatFromProto, formatOf, type SourceFormat } from "./image-format";
import { pdfKey } from "./object-keys";

// What each request asks for. That it is what its schema says has been checked before; what is left are the rules that a schema
// cannot say. They throw invalid_argument with meta.argument = path of the field.

/** Most characters of a failure that are kept. */
const MAX_FAILURE_CODE = 100;
const MAX_FAILURE_MESSAGE = 2000;
/** Most characters of a message id that are kept: the longest line of a mail (RFC 5322 section 2.1.1). */
const MAX_MESSAGE_ID = 998;
/** A user to create. */
export interface NewUser {
  idempotencyKey: string;
  email: string;
  name: string;
}

/** Reads CreateUser. The name is brought into Unicode's composed form (NFC). */
export function readCreateUser({ idempotencyKey, email, name }: CreateUserRequest): NewUser {
  return { idempotencyKey, email: canonicalEmailAddress(email), name: name.normalize("NFC") };
}

/** Reads CreateAccessToken and returns the user's id. */
export function readCreateAccessToken(request: CreateAccessTokenRequest): string {
  return request.userId.toLowerCase();
}

/** Which user. */
export type UserKey = { id: string } | { email: string };

/** Reads GetUser. */
export function readGetUser({ key }: GetUserRequest): UserKey {
  switch (key.oneofKind) {
    case "id":
      return { id: key.id.toLowerCase() };
    case "email":
      return { email: canonicalEmailAddress(key.email) };
    default:
      throw schemaBroken("key");
  }
}

/** An upload to prepare. */
export interface NewUpload {
  idempotencyKey: string;
  userId: string;
  format: SourceFormat;
  sizeBytes: number;
}

/** Reads CreateUpload; the caller is the owner. */
export function readCreateUpload(request: CreateUploadRequest, caller: Caller): NewUpload {
  const { idempotencyKey, sizeBytes } = request;
  const userId = ownerOf(caller, request.userId);
  const format = formatFromProto(request.format);
  if (format === undefined) {
    throw schemaBroken("format");
  }
  return { idempotencyKey, userId, format, sizeBytes: Number(sizeBytes) };
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
 * Reads ConvertImage; the caller is the owner.
 *
 * @throws TwirpError invalid_argument for an inline image that is neither PNG nor JPEG
 */
export function readConvertImage(request: UserServiceConvertImageRequest, caller: Caller): NewConversion {
  const { idempotencyKey, fileName, options = ConversionOptions.create() } = request;
  const userId = ownerOf(caller, request.userId);
  return { idempotencyKey, userId, fileName, options, source: readSource(request.source) };
}

function readSource(source: UserServiceConvertImageRequest["source"]): NewConversion["source"] {
  switch (source.oneofKind) {
    case "image": {
      const format = formatOf(source.image);
      if (format === undefined) {
        throw invalidArgument("image", "must be a PNG or JPEG image");
      }
      return { kind: "inline", bytes: source.image, format };
    }
    case "uploadId":
      return { kind: "upload", uploadId: source.uploadId.toLowerCase() };
    default:
      throw schemaBroken("source");
  }
}

/** Reads GetConversion and returns the conversion's id. */
export function readGetConversion(request: GetConversionRequest): string {
  return request.conversionId.toLowerCase();
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

/** Reads ListConversions; those of the caller are meant. */
export function readListConversions(request: ListConversionsRequest, caller: Caller): ConversionPage {
  const userId = ownerOf(caller, request.userId);
  const { status, pageToken } = request;
  const after = pageToken === "" ? undefined : decodePageToken(pageToken);
  return { userId, status, pageSize: pageSizeOf(request.pageSize), after };
}

/** What became of a mail. */
export interface EmailOutcome {
  jobId: string;
  userId: string;
  outcome: { kind: "delivered"; delivery: EmailDelivery; at: Date } | { kind: "failed"; failure: JobFailure };
}

/** Reads NotifyEmailDelivered. */
export function readNotifyEmailDelivered(request: UserServiceNotifyEmailDeliveredRequest): EmailOutcome {
  const jobId = request.jobId.toLowerCase();
  const userId = request.userId.toLowerCase();
  switch (request.outcome.oneofKind) {
    case "delivery": {
      const delivery = cleanDelivery(request.outcome.delivery);
      const at = deliveryTime(delivery);
      return { jobId, userId, outcome: { kind: "delivered", delivery, at } };
    }
    case "failure":
      return { jobId, userId, outcome: { kind: "failed", failure: cleanFailure(request.outcome.failure) } };
    default:
      throw schemaBroken("outcome");
  }
}

/** What became of a conversion. */
export interface ConversionOutcome {
  jobId: string;
  conversionId: string;
  outcome: { kind: "completed"; pdf: ConvertedPdf } | { kind: "failed"; failure: JobFailure };
}

/** Reads NotifyImageConverted. Only the job's own PDF is accepted: a URL is signed for whatever key is stored. */
export function readNotifyImageConverted(request: UserServiceNotifyImageConvertedRequest): ConversionOutcome {
  const jobId = request.jobId.toLowerCase();
  const conversionId = request.conversionId.toLowerCase();
  switch (request.outcome.oneofKind) {
    case "pdf": {
      const { pdf } = request.outcome;
      if (pdf.objectKey !== pdfKey(jobId)) {
        throw invalidArgument("pdf.object_key", `must be the job's own, ${pdfKey(jobId)}`);
      }
      return { jobId, conversionId, outcome: { kind: "completed", pdf } };
    }
    case "failure":
      return { jobId, conversionId, outcome: { kind: "failed", failure: cleanFailure(request.outcome.failure) } };
    default:
      throw schemaBroken("outcome");
  }
}

/** The time of delivery, or now where the message has none. */
function deliveryTime({ deliveredAt }: EmailDelivery): Date {
  return deliveredAt === undefined ? new Date() : Timestamp.toDate(deliveredAt);
}

function cleanDelivery(delivery: EmailDelivery): EmailDelivery {
  return {
    ...delivery,
    messageId: cleanText(delivery.messageId, MAX_MESSAGE_ID),
  };
}

function cleanFailure(failure: JobFailure): JobFailure {
  return {
    code: cleanText(failure.code, MAX_FAILURE_CODE) || "unknown",
    message: cleanText(failure.message, MAX_FAILURE_MESSAGE),
  };
}
