import { TwirpErrorCode } from "twirp-ts";
import {
  ClientServiceNotifyEmailDeliveredRequest,
  ClientServiceNotifyImageConvertedRequest,
} from "../../gen/twirp/mcsv/v1/client";
import { ClientServiceClientProtobuf } from "../../gen/twirp/mcsv/v1/client.twirp";
import { ConversionOptions } from "../../gen/twirp/mcsv/v1/image";
import { EnqueueEmailRequest, EnqueueImageConversionRequest } from "../../gen/twirp/mcsv/v1/job";
import { JobServiceClientProtobuf } from "../../gen/twirp/mcsv/v1/job.twirp";
import { jobId } from "../platform/ids/deterministic-id";
import { pause } from "../platform/lifecycle/pause";
import type { Logger } from "../platform/logging/create-logger";
import type { ObjectStore } from "../platform/object-store/object-store";
import type { QueueBoss } from "../platform/queue/create-boss";
import { failureOf, isPermanent, type JobFailure } from "../platform/queue/failure";
import type { QueueDefinition } from "../platform/queue/queue-definition";
import type { QueuedJob } from "../platform/queue/queued-job";
import { type Worker, work } from "../platform/queue/work";
import type { Subject } from "../platform/telemetry/subject";
import type { TwirpTransport } from "../platform/twirp/client/create-transport";
import { codeOf, unavailable } from "../platform/twirp/errors";
import { getConversion } from "./conversions";
import {
  type ConversionOrder,
  type ConversionRelay,
  conversionKey,
  ORDER_CONVERSION,
  ORDER_EMAIL,
  RELAY_CONVERSION,
  RELAY_EMAIL,
} from "./outbox";
import { type RecordConversionDependencies, recordConversionOutcome } from "./record-conversion";
import { recordEmailOutcome } from "./record-email";
import { conversionToProto } from "./to-proto";

/** What the relays work with. */
export interface RelayDependencies extends RecordConversionDependencies {
  boss: QueueBoss;
  objectStore: ObjectStore;
  jobService: TwirpTransport;
  clientService: TwirpTransport;
  logger: Logger;
  /** Deliveries of each kind at the same time. */
  concurrency: number;
  sourceUrlTtlSeconds: number;
}

const PAUSE_AFTER_FAILURE_MS = 500;

type JsonValue = Parameters<typeof EnqueueEmailRequest.fromJson>[0];

/** Delivers what is in the outbox, until each worker is stopped. */
export function startRelays(dependencies: RelayDependencies): Promise<Worker[]> {
  const { pool, objectStore, pdfUrls, journeys, jobService, clientService } = dependencies;
  // Every delivery may be repeated: each carries an idempotency key.
  const jobs = (signal: AbortSignal) => new JobServiceClientProtobuf(jobService.with({ idempotent: true, signal }));
  const client = (signal: AbortSignal) =>
    new ClientServiceClientProtobuf(clientService.with({ idempotent: true, signal }));

  const orderEmail = relay<JsonValue>(dependencies, ORDER_EMAIL, {
    subjectOf: ({ data }) => userIn(data),
    deliver: ({ data, signal }) => jobs(signal).EnqueueEmail(EnqueueEmailRequest.fromJson(data, LENIENT)),
    onRefused: ({ data }, failure) => {
      const { idempotencyKey, userId } = EnqueueEmailRequest.fromJson(data, LENIENT);
      const id = jobId("email", idempotencyKey);
      return recordEmailOutcome(dependencies, { jobId: id, userId, outcome: { kind: "failed", failure } });
    },
  });

  const orderConversion = relay<ConversionOrder>(dependencies, ORDER_CONVERSION, {
    subjectOf: ({ data: { conversionId, userId } }) => ({ conversionId, userId }),
    deliver: async ({ data, signal }) => {
      const sourceUrl = await objectStore.presignGet(data.sourceKey, {
        audience: "internal",
        expiresInSeconds: dependencies.sourceUrlTtlSeconds,
      });
      const request = EnqueueImageConversionRequest.create({
        idempotencyKey: conversionKey(data.conversionId),
        userId: data.userId,
        conversionId: data.conversionId,
        sourceUrl,
        options: ConversionOptions.fromJson(data.options, LENIENT),
      });
      return jobs(signal).EnqueueImageConversion(request);
    },
    onRefused: ({ data: { conversionId } }, failure) => {
      const id = jobId("image-conversion", conversionKey(conversionId));
      return recordConversionOutcome(dependencies, { jobId: id, conversionId, outcome: { kind: "failed", failure } });
    },
  });

  const relayEmail = relay<JsonValue>(dependencies, RELAY_EMAIL, {
    subjectOf: ({ data }) => userIn(data),
    deliver: async ({ data, signal, enqueuedAt }) => {
      await client(signal).NotifyEmailDelivered(ClientServiceNotifyEmailDeliveredRequest.fromJson(data, LENIENT));
      journeys.acknowledged("email", enqueuedAt);
    },
  });

  const relayConversion = relay<ConversionRelay>(dependencies, RELAY_CONVERSION, {
    subjectOf: ({ data: { conversionId } }) => ({ conversionId }),
    deliver: async ({ data, signal, enqueuedAt }) => {
      const conversion = await getConversion(pool, data.conversionId);
      const pdfUrl = await pdfUrls.forCaller(conversion);
      const request = ClientServiceNotifyImageConvertedRequest.create({
        conversion: conversionToProto(conversion, pdfUrl),
      });
      await client(signal).NotifyImageConverted(request);
      journeys.acknowledged("image", enqueuedAt);
    },
  });

  return Promise.all([orderEmail, orderConversion, relayEmail, relayConversion]);
}

/** Fields that a newer version of the service stored are left out. */
const LENIENT = { ignoreUnknownFields: true };

/** The user whom a stored request is about. */
function userIn(request: JsonValue): Subject {
  const userId = typeof request === "object" && request !== null && "userId" in request ? request["userId"] : undefined;
  return typeof userId === "string" ? { userId } : {};
}

interface Delivery<T> {
  subjectOf: (job: Pick<QueuedJob<T>, "id" | "data">) => Subject;
  deliver: (job: QueuedJob<T>) => Promise<unknown>;
  /** The other side will never take it: what depends on it has failed. */
  onRefused?: (job: QueuedJob<T>, failure: JobFailure) => Promise<void>;
}

function relay<T>(
  { boss, concurrency, logger }: RelayDependencies,
  { name }: QueueDefinition,
  { subjectOf, deliver, onRefused }: Delivery<T>,
): Promise<Worker> {
  return work<T>(boss, {
    queue: name,
    concurrency,
    logger,
    subjectOf,
    handle: async (job) => {
      try {
        await deliver(job);
      } catch (thrown) {
        const error = isMisconfiguration(thrown) ? unavailable("the other side does not take it yet", thrown) : thrown;
        if (isPermanent(error)) {
          await onRefused?.(job, failureOf(error));
        } else {
          // Slots are few: held for a moment each, they keep an outage's backlog from becoming a storm of attempts.
          await pause(PAUSE_AFTER_FAILURE_MS, job.signal);
        }
        throw error;
      }
    },
  });
}

/**
 * Whether an answer is about the two services and not about what was delivered: a wrong URL, a version not yet rolled
 * out, a missing permission. That gets repaired, and then the same delivery succeeds.
 */
function isMisconfiguration(error: unknown): boolean {
  switch (codeOf(error)) {
    case TwirpErrorCode.BadRoute:
    case TwirpErrorCode.Unimplemented:
    case TwirpErrorCode.Unauthenticated:
    case TwirpErrorCode.PermissionDenied:
    case TwirpErrorCode.NotFound:
      return true;
    default:
      return false;
  }
}
