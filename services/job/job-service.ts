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
  RedriveQueueRequest,
  RedriveQueueResponse,
} from "../../gen/twirp/mcsv/v1/job";
import type { JobServiceTwirp } from "../../gen/twirp/mcsv/v1/job.twirp";
import { encodePageToken } from "../platform/paging/page-token";
import { isTransientDatabaseError } from "../platform/postgres/is-transient";
import type { QueueBoss } from "../platform/queue/create-boss";
import { redrive } from "../platform/queue/redrive";
import type { CallContext } from "../platform/twirp/call-context";
import { notFound, unavailable } from "../platform/twirp/errors";
import { type EnqueueDependencies, enqueueOnce } from "./enqueue-once";
import { maySee } from "./job-access";
import { emailContentHash, emailJobData, imageConversionContentHash, imageConversionJobData } from "./job-data";
import { jobScheduleFrom } from "./job-options";
import { countJobs, findJob, listJobs } from "./job-rows";
import { QueueDepth } from "./queue-depth";
import { EMAIL_QUEUE, IMAGE_CONVERSION_QUEUE } from "./queues";
import { readEnqueueEmail, readEnqueueImageConversion, readGetJob, readListJobs } from "./requests";
import { jobToProto, queueStatsToProto } from "./to-proto";

const DEFAULT_REDRIVE = 100;

/** Takes orders for jobs and tells what became of them. */
export class JobService implements JobServiceTwirp<CallContext> {
  readonly #boss: QueueBoss;
  readonly #enqueue: EnqueueDependencies;

  /**
   * @param boss started, with all queues in place
   * @param maxQueueDepth most jobs that may wait in a queue
   */
  constructor(boss: QueueBoss, maxQueueDepth: number) {
    this.#boss = boss;
    this.#enqueue = { boss, depth: new QueueDepth(boss.database.pool, maxQueueDepth) };
  }

  async EnqueueEmail(_: CallContext, request: EnqueueEmailRequest): Promise<EnqueueEmailResponse> {
    const job = readEnqueueEmail(request);
    const { idempotencyKey } = job;
    const schedule = jobScheduleFrom(request.jobOptions);
    return await fromDatabase(() =>
      enqueueOnce(this.#enqueue, EMAIL_QUEUE, {
        idempotencyKey,
        data: emailJobData(job),
        contentHash: emailContentHash(job),
        schedule,
      }),
    );
  }

  async EnqueueImageConversion(
    _: CallContext,
    request: EnqueueImageConversionRequest,
  ): Promise<EnqueueImageConversionResponse> {
    const job = readEnqueueImageConversion(request);
    const { idempotencyKey } = job;
    const schedule = jobScheduleFrom(request.jobOptions);
    return await fromDatabase(() =>
      enqueueOnce(this.#enqueue, IMAGE_CONVERSION_QUEUE, {
        idempotencyKey,
        data: imageConversionJobData(job),
        contentHash: imageConversionContentHash(job),
        schedule,
      }),
    );
  }

  async GetJob({ caller }: CallContext, request: GetJobRequest): Promise<GetJobResponse> {
    const id = readGetJob(request);
    const row = await fromDatabase(() => findJob(this.#boss.database.pool, id));
    if (row === undefined || !maySee(caller, row.data?.data?.userId)) {
      throw notFound("no such job", { job_id: id });
    }
    return { job: jobToProto(row) };
  }

  async ListJobs({ caller }: CallContext, request: ListJobsRequest): Promise<ListJobsResponse> {
    const selection = readListJobs(request, caller);
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

  async RedriveQueue(_: CallContext, { queue, limit }: RedriveQueueRequest): Promise<RedriveQueueResponse> {
    return { redriven: await fromDatabase(() => redrive(this.#boss, queue, { limit: limit || DEFAULT_REDRIVE })) };
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
