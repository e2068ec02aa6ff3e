import {
  ClientServiceNotifyEmailDeliveredRequest,
  ClientServiceNotifyImageConvertedRequest,
} from "../../gen/twirp/mcsv/v1/client";
import { ConversionStatus } from "../../gen/twirp/mcsv/v1/user";
import { schemaBroken } from "../platform/contract/schema-broken";
import type { CallbackKind } from "./event-log";

/** A callback as the user service sent it. */
export interface Callback {
  readonly kind: CallbackKind;
  /** Job that it is about; a second callback for the same job changes nothing. */
  readonly jobId: string;
  /** The request in protobuf's JSON. */
  readonly body: unknown;
}

// The callback that each request is. That it is what its schema says has been checked before.

/** Reads NotifyEmailDelivered. */
export function readNotifyEmailDelivered(request: ClientServiceNotifyEmailDeliveredRequest): Callback {
  const jobId = request.jobId.toLowerCase();
  const body = ClientServiceNotifyEmailDeliveredRequest.toJson(request);
  switch (request.outcome.oneofKind) {
    case "delivery":
      return { kind: "email-delivered", jobId, body };
    case "failure":
      return { kind: "email-failed", jobId, body };
    case undefined:
      throw schemaBroken("outcome");
  }
}

/** Reads NotifyImageConverted. */
export function readNotifyImageConverted(request: ClientServiceNotifyImageConvertedRequest): Callback {
  const { conversion } = request;
  if (conversion === undefined) throw schemaBroken("conversion");
  const jobId = conversion.jobId.toLowerCase();
  const body = ClientServiceNotifyImageConvertedRequest.toJson(request);
  switch (conversion.status) {
    case ConversionStatus.COMPLETED:
      return { kind: "image-converted", jobId, body };
    case ConversionStatus.FAILED:
      return { kind: "image-failed", jobId, body };
    default:
      throw schemaBroken("conversion.status");
  }
}
