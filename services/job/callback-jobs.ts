import {
  UserServiceNotifyEmailDeliveredRequest,
  UserServiceNotifyImageConvertedRequest,
} from "../../gen/twirp/mcsv/v1/user";
import { deterministicId } from "../platform/ids/deterministic-id";
import type { FollowUp } from "../platform/queue/queued-job";
import { emailCallbackData, imageCallbackData } from "./job-data";
import { CALLBACK_QUEUE } from "./queues";

type EmailOutcome = Exclude<UserServiceNotifyEmailDeliveredRequest["outcome"], { oneofKind: undefined }>;
type ImageOutcome = Exclude<UserServiceNotifyImageConvertedRequest["outcome"], { oneofKind: undefined }>;

/** The callback that tells what became of a mail. */
export function emailCallback(jobId: string, userId: string, outcome: EmailOutcome): FollowUp {
  const request = UserServiceNotifyEmailDeliveredRequest.create({ jobId, userId, outcome });
  return { queue: CALLBACK_QUEUE, id: callbackId(jobId, outcome), data: emailCallbackData(request) };
}

/** The callback that tells what became of a conversion. */
export function imageCallback(
  { jobId, userId, conversionId }: { jobId: string; userId: string; conversionId: string },
  outcome: ImageOutcome,
): FollowUp {
  const request = UserServiceNotifyImageConvertedRequest.create({ jobId, conversionId, outcome });
  return { queue: CALLBACK_QUEUE, id: callbackId(jobId, outcome), data: imageCallbackData(userId, request) };
}

/** One for a job's success and one for its failure: a job that failed may be run again by a person, and succeed. */
function callbackId(jobId: string, { oneofKind }: { oneofKind: string }): string {
  return deterministicId("callback", jobId, ...(oneofKind === "failure" ? ["failure"] : []));
}
