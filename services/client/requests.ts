import {
  ClientServiceNotifyEmailDeliveredRequest,
  ClientServiceNotifyImageConvertedRequest,
} from "../../gen/twirp/mcsv/v1/client";
import { ConversionStatus } from "../../gen/twirp/mcsv/v1/user";
import { isUuid } from "../platform/ids/deterministic-id";
import { invalidArgument } from "../platform/twirp/errors";
import type { Callback } from "./callback-log";

// What each request must be, and the callback that it is. Every check throws invalid_argument with
// meta.argument = path of the field.

/** Checks NotifyEmailDelivered. */
export function checkNotifyEmailDelivered(request: ClientServiceNotifyEmailDeliveredRequest): Callback {
  const jobId = checkUuid("job_id", request.jobId);
  checkUuid("user_id", request.userId);
  const body = ClientServiceNotifyEmailDeliveredRequest.toJson(request);
  switch (request.outcome.oneofKind) {
    case "delivery":
      return { kind: "email-delivered", jobId, body };
    case "failure":
      return { kind: "email-failed", jobId, body };
    case undefined:
      throw invalidArgument("outcome", "is required: either delivery or failure");
  }
}

/** Checks NotifyImageConverted. */
export function checkNotifyImageConverted(request: ClientServiceNotifyImageConvertedRequest): Callback {
  const { conversion } = request;
  if (conversion === undefined) throw invalidArgument("conversion", "is required");
  const jobId = checkUuid("conversion.job_id", conversion.jobId);
  checkUuid("conversion.id", conversion.id);
  const body = ClientServiceNotifyImageConvertedRequest.toJson(request);
  switch (conversion.status) {
    case ConversionStatus.COMPLETED:
      return { kind: "image-converted", jobId, body };
    case ConversionStatus.FAILED:
      return { kind: "image-failed", jobId, body };
    default:
      throw invalidArgument("conversion.status", "must be CONVERSION_STATUS_COMPLETED or CONVERSION_STATUS_FAILED");
  }
}

function checkUuid(argument: string, value: string): string {
  if (!isUuid(value)) throw invalidArgument(argument, "must be a UUID");
  return value.toLowerCase();
}
