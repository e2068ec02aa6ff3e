import {
  UserServiceNotifyEmailDeliveredRequest,
  UserServiceNotifyImageConvertedRequest,
} from "../../gen/twirp/mcsv/v1/user";
import { UserServiceClientProtobuf } from "../../gen/twirp/mcsv/v1/user.twirp";
import { PermanentError } from "../platform/queue/permanent-error";
import { type Worker, work } from "../platform/queue/work";
import { type CallbackJobData, fromStored } from "./job-data";
import { CALLBACK_QUEUE } from "./queues";
import type { WorkerContext } from "./worker-context";

/** Tells the user service what became of mails and conversions. */
export function startCallbackWorker({ boss, transport, logger, settings }: WorkerContext): Promise<Worker> {
  return work<CallbackJobData, void>(boss, {
    ...settings,
    queue: CALLBACK_QUEUE,
    subjectOf: ({ data: { conversionId, userId } }) => ({
      userId,
      ...(conversionId !== undefined && { conversionId }),
    }),
    logger,
    handle: async ({ data: { emailDelivered, imageConverted }, signal }) => {
      const users = new UserServiceClientProtobuf(transport.with({ signal, timeoutMs: settings.attemptTimeoutMs }));
      if (emailDelivered !== undefined) {
        await users.NotifyEmailDelivered(fromStored(UserServiceNotifyEmailDeliveredRequest, emailDelivered));
      } else if (imageConverted !== undefined) {
        await users.NotifyImageConverted(fromStored(UserServiceNotifyImageConvertedRequest, imageConverted));
      } else {
        throw new PermanentError("the callback says nothing of a mail or an image");
      }
    },
  });
}
