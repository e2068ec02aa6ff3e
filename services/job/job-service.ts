import type {
  EnqueueEmailRequest,
  EnqueueEmailResponse,
  EnqueueImageConversionRequest,
  EnqueueImageConversionResponse,
  GetJobRequest,
  GetJobResponse,
  GetQueueStatsResponse,
  ListJobsRequest,
  ListJobsResponse,
} from "../../gen/twirp/mcsv/v1/job";
import type { JobServiceTwirp } from "../../gen/twirp/mcsv/v1/job.twirp";
import { encodePageToken } from "../platform/paging/page-token";
import { isTransientDatabaseError } from "../platform/postgres/is-transient";
import type { QueueBoss } from "../platform/queue/create-boss";
import type { CallContext } from "../platform/twirp/call-context";
import { notFound, unavailable } from "../platform/twirp/errors";
import { enqueueOnce } from "./enqueue-once";
import { emailContentHash, emailJobData, imageConversionContentHash, imageConversionJobData } from "./job-data";
import { countJobs, findJob, listJobs } from "./job-rows";
import { EMAIL_QUEUE, IMAGE_CONVERSION_QUEUE } from "./queues";
import { checkEnqueueEmail, checkEnqueueImageConversion, checkGetJob, checkListJobs } from "./requests";
import { jobToProto, queueStatsToProto } from "./to-proto";

/** Takes orders for jobs and tells what became of them. */
export class JobService implements JobServiceTwirp<CallContext> {
  readonly #boss: QueueBoss;

  /** @param boss started, with all queues in place */
  constructor(boss: QueueBoss) {
    this.#boss = boss;
  }

  async EnqueueEmail(_: CallContext, request: EnqueueEmailRequest): Promise<EnqueueEmailResponse> {
    const job = checkEnqueueEmail(request);
    const { idempotencyKey } = job;
    return {
      jobId: await fromDatabase(() =>
        enqueueOnce(this.#boss, EMAIL_QUEUE, {
          idempotencyKey,
          data: emailJobData(job),
          contentHash: emailContentHash(job),
        }),
      ),
    };
  }

  async EnqueueImageConversion(
    _: CallContext,
    request: EnqueueImageConversionRequest,
  ): Promise<EnqueueImageConversionResponse> {
    const job = checkEnqueueImageConversion(request);
    const { idempotencyKey } = job;
    return {
      jobId: await fromDatabase(() =>
        enqueueOnce(this.#boss, IMAGE_CONVERSION_QUEUE, {
          idempotencyKey,
          data: imageConversionJobData(job),
          contentHash: imageConversionContentHash(job),
        }),
      ),
    };
  }

  async GetJob(_: CallContext, request: GetJobRequest): Promise<GetJobResponse> {
    const id = checkGetJob(request);
    const row = await fromDatabase(() => findJob(this.#boss.database.pool, id));
    if (row === undefined) {
      throw notFound("no such job", { job_id: id });
    }
    return { job: jobToProto(row) };
  }

  async ListJobs(_: CallContext, request: ListJobsRequest): Promise<ListJobsResponse> {
    const selection = checkListJobs(request);
    const rows = await fromDatabase(() => listJobs(this.#boss.database.pool, selection));
    const page = rows.slice(0, selection.pageSize);
    const last = page.at(-1);
    const isLastPage = rows.length <= selection.pageSize || last === undefined;
    return {
      jobs: page.map(jobToProto),
      nextPageToken: isLastPage ? "" : encodePageToken({ createdAt: last.createdOn, id: last.id }),
    };
  }

  async GetQueueStats(): Promise<GetQueueStatsResponse> {
    const counts = await fromDatabase(() => countJobs(this.#boss.database.pool));
    return { queues: counts.map(queueStatsToProto) };
  }
}

/** A database that is down, restarting or overloaded makes a call unavailable, not broken. */
async function fromDatabase<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    throw isTransientDatabaseError(error) ? unavailable("the database does not answer; try again", error) : error;
  }
}
