import type { Timestamp } from "../../gen/twirp/google/protobuf/timestamp";
import type { Email } from "../../gen/twirp/mcsv/v1/email";
import { ConversionOptions, PageSize, Quality } from "../../gen/twirp/mcsv/v1/image";
import {
  type EnqueueEmailRequest,
  type EnqueueImageConversionRequest,
  type GetJobRequest,
  JobState,
  type ListJobsRequest,
} from "../../gen/twirp/mcsv/v1/job";
import type { Caller } from "../platform/auth/caller";
import { decodePageToken, type PagePosition } from "../platform/paging/page-token";
import { invalidArgument } from "../platform/twirp/errors";
import { canonicalEmailAddress } from "../platform/validation/email-address";
import { checkRange, checkText, checkUuid } from "../platform/validation/fields";
import { visibleUser } from "./job-access";
import type { EmailJob, ImageConversionJob } from "./job-data";
import { QUEUE_NAMES } from "./queues";

// What each request must be, and what it is once it has been checked. Every check throws invalid_argument with
// meta.argument = path of the field. What only the called service can judge, such as whether an address can be
// delivered to, is left to it: its answer fails the job at once.

const MAX_KEY = 200;
const MAX_NAME = 200;
const MAX_SUBJECT = 200;
const MAX_MESSAGE = 10_000;
const MAX_FILE_NAME = 1_000;
const MAX_URL = 8_192;
const MAX_PIXELS = 12_000;
const DENSITY_DPI = { min: 36, max: 1_200 };
/** What google.protobuf.Timestamp can carry. */
const EARLIEST_SECONDS = -62_135_596_800n;
const LATEST_SECONDS = 253_402_300_799n;
const MAX_PAGE_SIZE = 200;
const DEFAULT_PAGE_SIZE = 50;

/** Checks EnqueueEmail. */
export function checkEnqueueEmail({ idempotencyKey, userId, email }: EnqueueEmailRequest): EmailJob {
  return {
    idempotencyKey: checkText("idempotency_key", idempotencyKey, { min: 1, max: MAX_KEY }),
    userId: checkUuid("user_id", userId),
    email: checkEmail("email", email),
  };
}

/** Checks EnqueueImageConversion. */
export function checkEnqueueImageConversion(request: EnqueueImageConversionRequest): ImageConversionJob {
  return {
    idempotencyKey: checkText("idempotency_key", request.idempotencyKey, { min: 1, max: MAX_KEY }),
    userId: checkUuid("user_id", request.userId),
    conversionId: checkUuid("conversion_id", request.conversionId),
    sourceUrl: checkUrl("source_url", request.sourceUrl),
    options: checkOptions("options", request.options),
  };
}

/** Checks GetJob; the id of the job. */
export function checkGetJob({ jobId }: GetJobRequest): string {
  return checkUuid("job_id", jobId);
}

/** Which jobs to list. */
export interface JobSelection {
  /** Queues to look into. */
  queues: readonly string[];
  state: JobState;
  /** "" for all users. */
  userId: string;
  pageSize: number;
  /** Last job of the page before. */
  after: PagePosition | undefined;
}

/** Checks ListJobs; a user gets its own jobs only. */
export function checkListJobs(request: ListJobsRequest, caller: Caller): JobSelection {
  const { queue, state, userId, pageSize, pageToken } = request;
  if (queue !== "" && !QUEUE_NAMES.includes(queue)) {
    throw invalidArgument("queue", `must be empty or one of ${QUEUE_NAMES.join(", ")}`);
  }
  checkRange("page_size", pageSize, 0, MAX_PAGE_SIZE);
  return {
    queues: queue === "" ? QUEUE_NAMES : [queue],
    state: checkEnum("state", JobState, state),
    userId: visibleUser(caller, userId === "" ? "" : checkUuid("user_id", userId)),
    pageSize: pageSize === 0 ? DEFAULT_PAGE_SIZE : pageSize,
    after: pageToken === "" ? undefined : decodePageToken(pageToken),
  };
}

function checkEmail(field: string, email: Email | undefined): Email {
  if (email === undefined) {
    throw invalidArgument(field, "is required");
  }
  const { recipient, content } = email;
  if (recipient === undefined) {
    throw invalidArgument(`${field}.recipient`, "is required");
  }
  const address = canonicalEmailAddress(recipient.address);
  checkText(`${field}.recipient.name`, recipient.name, { min: 0, max: MAX_NAME });
  checkContent(field, content);
  return { ...email, recipient: { ...recipient, address } };
}

function checkContent(field: string, content: Email["content"]): void {
  switch (content.oneofKind) {
    case "welcome":
      return;
    case "notification": {
      const { subject, message } = content.notification;
      checkText(`${field}.notification.subject`, subject, { min: 1, max: MAX_SUBJECT });
      checkText(`${field}.notification.message`, message, { min: 1, max: MAX_MESSAGE, multiline: true });
      return;
    }
    case "conversionComplete": {
      const { conversionId, fileName, pdfUrl, pdfUrlExpiresAt, pdfBytes } = content.conversionComplete;
      const path = `${field}.conversion_complete`;
      checkUuid(`${path}.conversion_id`, conversionId);
      checkText(`${path}.file_name`, fileName, { min: 1, max: MAX_FILE_NAME });
      checkUrl(`${path}.pdf_url`, pdfUrl);
      checkTime(`${path}.pdf_url_expires_at`, pdfUrlExpiresAt);
      if (pdfBytes < 0n) {
        throw invalidArgument(`${path}.pdf_bytes`, "must not be negative");
      }
      return;
    }
    case undefined:
      throw invalidArgument(`${field}.content`, "is required: welcome, notification or conversion_complete");
    default:
      content satisfies never;
  }
}

function checkOptions(field: string, given: ConversionOptions | undefined): ConversionOptions {
  const options = given ?? ConversionOptions.create();
  checkEnum(`${field}.quality`, Quality, options.quality);
  checkEnum(`${field}.page_size`, PageSize, options.pageSize);
  const { min, max } = DENSITY_DPI;
  if (options.densityDpi !== 0 && (options.densityDpi < min || options.densityDpi > max)) {
    throw invalidArgument(`${field}.density_dpi`, `must be 0, or ${min} to ${max}`);
  }
  checkRange(`${field}.max_width_px`, options.maxWidthPx, 0, MAX_PIXELS);
  checkRange(`${field}.max_height_px`, options.maxHeightPx, 0, MAX_PIXELS);
  return options;
}

function checkUrl(field: string, text: string): string {
  checkText(field, text, { min: 1, max: MAX_URL });
  const protocol = URL.parse(text)?.protocol;
  if (protocol !== "http:" && protocol !== "https:") {
    throw invalidArgument(field, "must be an http or https URL");
  }
  return text;
}

function checkTime(field: string, time: Timestamp | undefined): void {
  if (time === undefined) {
    throw invalidArgument(field, "is required");
  }
  const { seconds, nanos } = time;
  if (seconds < EARLIEST_SECONDS || seconds > LATEST_SECONDS || nanos < 0 || nanos >= 1e9) {
    throw invalidArgument(field, "must be a time of the years 1 to 9999");
  }
}

function checkEnum<E extends number>(field: string, names: Record<number, string>, value: E): E {
  if (names[value] === undefined) {
    throw invalidArgument(field, "must be a value that the contract names");
  }
  return value;
}
