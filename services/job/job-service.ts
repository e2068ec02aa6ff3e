import type { ClientBase } from "pg";
import { Timestamp } from "../../gen/twirp/google/protobuf/timestamp";
import type {
  CancelJobRequest,
  CancelJobResponse,
  EnqueueEmailRequest,
  EnqueueEmailResponse,
  EnqueueImageConversionRequest,
  EnqueueImageConversionResponse,
  GetJobHistoryRequest,
  GetJobHistoryResponse,
  GetJobRequest,
  GetJobResponse,
  GetQueueStatsResponse,
  ListJobsRequest,
  ListJobsResponse,
  PauseQueueRequest,
  PauseQueueResponse,
  RedriveQueueRequest,
  RedriveQueueResponse,
  ReplayJobsRequest,
  ReplayJobsResponse,
  ResumeQueueRequest,
  ResumeQueueResponse,
  RetryJobRequest,
  RetryJobResponse,
  SearchJobEventsRequest,
  SearchJobEventsResponse,
} from "../../gen/twirp/mcsv/v1/job";
import type { JobServiceTwirp } from "../../gen/twirp/mcsv/v1/job.twirp";
import { noteSubject } from "../platform/http/request-context";
import { encodePageToken } from "../platform/paging/page-token";
import { isTransientDatabaseError } from "../platform/postgres/is-transient";
import type { QueueBoss } from "../platform/queue/create-boss";
import { redrive } from "../platform/queue/redrive";
import type { CallContext } from "../platform/twirp/call-context";
import { notFound, unavailable } from "../platform/twirp/errors";
import { actorOf } from "./actor";
import { actAs } from "./control/acting";
import { cancelJob } from "./control/cancel-job";
import { pauseQueue, resumeQueue } from "./control/pause-queue";
import { replayJobs } from "./control/replay-jobs";
import { retryJob } from "./control/retry-job";
import { type EnqueueDependencies, enqueueOnce } from "./enqueue-once";
import { jobHistory, searchHistory } from "./history/job-history";
import { readActOnJob, readGetJobHistory, readReplayJobs, readSearchJobEvents } from "./history/requests";
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

  async EnqueueEmail({ caller }: CallContext, request: EnqueueEmailRequest): Promise<EnqueueEmailResponse> {
    const job = readEnqueueEmail(request);
    const { idempotencyKey } = job;
    const schedule = jobScheduleFrom(request.jobOptions);
    noteSubject({ userId: job.userId });
    const enqueued = await fromDatabase(() =>
      enqueueOnce(this.#enqueue, EMAIL_QUEUE, {
        idempotencyKey,
        data: { ...emailJobData(job), enqueuedBy: actorOf(caller) },
        contentHash: emailContentHash(job),
        schedule,
      }),
    );
    noteSubject({ jobId: enqueued.jobId });
    return enqueued;
  }

  async EnqueueImageConversion(
    { caller }: CallContext,
    request: EnqueueImageConversionRequest,
  ): Promise<EnqueueImageConversionResponse> {
    const job = readEnqueueImageConversion(request);
    const { idempotencyKey } = job;
    const schedule = jobScheduleFrom(request.jobOptions);
    noteSubject({ conversionId: job.conversionId, userId: job.userId });
    const enqueued = await fromDatabase(() =>
      enqueueOnce(this.#enqueue, IMAGE_CONVERSION_QUEUE, {
        idempotencyKey,
        data: { ...imageConversionJobData(job), enqueuedBy: actorOf(caller) },
        contentHash: imageConversionContentHash(job),
        schedule,
      }),
    );
    noteSubject({ jobId: enqueued.jobId });
    return enqueued;
  }

  async GetJob({ caller }: CallContext, request: GetJobRequest): Promise<GetJobResponse> {
    const id = readGetJob(request);
    noteSubject({ jobId: id });
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

  async RedriveQueue({ caller }: CallContext, { queue, limit }: RedriveQueueRequest): Promise<RedriveQueueResponse> {
    const before = (client: ClientBase) => actAs(client, { actor: actorOf(caller), reason: "redriven" });
    const options = { limit: limit || DEFAULT_REDRIVE, before };
    return { redriven: await fromDatabase(() => redrive(this.#boss, queue, options)) };
  }

  async GetJobHistory({ caller }: CallContext, request: GetJobHistoryRequest): Promise<GetJobHistoryResponse> {
    const query = readGetJobHistory(request);
    return await fromDatabase(() => jobHistory(this.#boss.database.pool, query, caller));
  }

  async SearchJobEvents(_: CallContext, request: SearchJobEventsRequest): Promise<SearchJobEventsResponse> {
    const search = readSearchJobEvents(request);
    return await fromDatabase(() => searchHistory(this.#boss.database.pool, search));
  }

  async CancelJob({ caller }: CallContext, request: CancelJobRequest): Promise<CancelJobResponse> {
    const { jobId, reason } = readActOnJob(request);
    noteSubject({ jobId });
    const act = { actor: actorOf(caller), reason };
    const row = await fromDatabase(() => cancelJob(this.#boss, { jobId, caller }, act));
    return { job: jobToProto(row) };
  }

  async RetryJob({ caller }: CallContext, request: RetryJobRequest): Promise<RetryJobResponse> {
    const { jobId, reason } = readActOnJob(request);
    noteSubject({ jobId });
    const act = { actor: actorOf(caller), reason };
    const row = await fromDatabase(() => retryJob(this.#boss, { jobId, caller }, act));
    return { job: jobToProto(row) };
  }

  async ReplayJobs({ caller }: CallContext, request: ReplayJobsRequest): Promise<ReplayJobsResponse> {
    const { reason, ...replay } = readReplayJobs(request);
    return await fromDatabase(() => replayJobs(this.#boss, replay, { actor: actorOf(caller), reason }));
  }

  async PauseQueue({ caller }: CallContext, request: PauseQueueRequest): Promise<PauseQueueResponse> {
    const { queue, reason } = request;
    const pause = await fromDatabase(() => pauseQueue(this.#boss, queue, { actor: actorOf(caller), reason }));
    return { pause: { ...pause, pausedAt: Timestamp.fromDate(pause.pausedAt) } };
  }

  async ResumeQueue({ caller }: CallContext, request: ResumeQueueRequest): Promise<ResumeQueueResponse> {
    const { queue, reason } = request;
    const act = { actor: actorOf(caller), reason };
    return { wasPaused: await fromDatabase(() => resumeQueue(this.#boss, queue, act)) };
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
