import { deadLetterOf, type QueueDefinition } from "../platform/queue/queue-definition";
import type { JobConfig } from "./config";

/** Mails. */
export const EMAIL_QUEUE = "email";
/** Conversions of images. */
export const IMAGE_CONVERSION_QUEUE = "image-conversion";
/** What the user service is told about mails and conversions that ended. */
export const CALLBACK_QUEUE = "callback";

/** Queues whose jobs are worked on. */
export const WORKED_QUEUES: readonly string[] = [EMAIL_QUEUE, IMAGE_CONVERSION_QUEUE, CALLBACK_QUEUE];

/** Queues of copies of jobs that failed for good. */
export const DEAD_LETTER_QUEUES: readonly string[] = WORKED_QUEUES.map(deadLetterOf);

/** Every queue that callers may see, dead-letter queues included, by name. */
export const QUEUE_NAMES: readonly string[] = [...WORKED_QUEUES, ...DEAD_LETTER_QUEUES].sort();

const DAY_SECONDS = 24 * 60 * 60;

/** What decides about retries and retention. */
export type QueueSettings = Pick<
  JobConfig,
  | "emailMaxAttempts"
  | "imageConversionMaxAttempts"
  | "callbackMaxAttempts"
  | "retryDelaySeconds"
  | "retryDelayMaxSeconds"
  | "jobRetentionDays"
>;

/** The queues of the job service, each with its dead-letter queue. */
export function queueDefinitions(settings: QueueSettings): readonly QueueDefinition[] {
  const { retryDelaySeconds, retryDelayMaxSeconds, jobRetentionDays } = settings;
  const define = (name: string, maxAttempts: number): QueueDefinition => ({
    name,
    deadLetter: deadLetterOf(name),
    retryLimit: maxAttempts - 1,
    retryDelaySeconds,
    retryDelayMaxSeconds,
    keepSeconds: jobRetentionDays * DAY_SECONDS,
  });
  return [
    define(EMAIL_QUEUE, settings.emailMaxAttempts),
    define(IMAGE_CONVERSION_QUEUE, settings.imageConversionMaxAttempts),
    define(CALLBACK_QUEUE, settings.callbackMaxAttempts),
  ];
}
