import { ConversionOptions } from "../../gen/twirp/mcsv/v1/image";
import type {
  EnqueueEmailRequest,
  EnqueueImageConversionRequest,
  GetJobRequest,
  JobState,
  ListJobsRequest,
} from "../../gen/twirp/mcsv/v1/job";
import type { Caller } from "../platform/auth/caller";
import { schemaBroken } from "../platform/contract/schema-broken";
import { pageSizeOf } from "../platform/paging/page-size";
import { decodePageToken, type PagePosition } from "../platform/paging/page-token";
import { canonicalEmailAddress } from "../platform/validation/email-address";
import { visibleUser } from "./job-access";
import type { EmailJob, ImageConversionJob } from "./job-data";
import { QUEUE_NAMES } from "./queues";

// What each request asks for. That it is what its schema says has been checked before; what is left are the rules that a schema
// cannot say. What only the called service can judge, such as whether an address can be delivered to, is left to it: its answer
// fails the job at once.

/** Reads EnqueueEmail. */
export function readEnqueueEmail({ idempotencyKey, userId, email }: EnqueueEmailRequest): EmailJob {
  if (email?.recipient === undefined) {
    throw schemaBroken("email.recipient");
  }
  const recipient = { ...email.recipient, address: canonicalEmailAddress(email.recipient.address) };
  return { idempotencyKey, userId: userId.toLowerCase(), email: { ...email, recipient } };
}

/** Reads EnqueueImageConversion. */
export function readEnqueueImageConversion(request: EnqueueImageConversionRequest): ImageConversionJob {
  const { idempotencyKey, userId, conversionId, sourceUrl, options = ConversionOptions.create() } = request;
  return {
    idempotencyKey,
    userId: userId.toLowerCase(),
    conversionId: conversionId.toLowerCase(),
    sourceUrl,
    options,
  };
}

/** Reads GetJob; the id of the job. */
export function readGetJob({ jobId }: GetJobRequest): string {
  return jobId.toLowerCase();
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

/** Reads ListJobs; a user gets its own jobs only. */
export function readListJobs(request: ListJobsRequest, caller: Caller): JobSelection {
  const { queue, state, userId, pageSize, pageToken } = request;
  return {
    queues: queue === "" ? QUEUE_NAMES : [queue],
    state,
    userId: visibleUser(caller, userId.toLowerCase()),
    pageSize: pageSizeOf(pageSize),
    after: pageToken === "" ? undefined : decodePageToken(pageToken),
  };
}
