import type {
  ClientServiceNotifyEmailDeliveredRequest,
  ClientServiceNotifyEmailDeliveredResponse,
  ClientServiceNotifyImageConvertedRequest,
  ClientServiceNotifyImageConvertedResponse,
} from "../../gen/twirp/mcsv/v1/client";
import type { ClientServiceTwirp } from "../../gen/twirp/mcsv/v1/client.twirp";
import { noteSubject } from "../platform/http/request-context";
import type { CallContext } from "../platform/twirp/call-context";
import type { EventLog } from "./event-log";
import { type Callback, readNotifyEmailDelivered, readNotifyImageConverted } from "./requests";

/** The outside world: takes the callbacks and keeps the latest of them. */
export class ClientService implements ClientServiceTwirp<CallContext> {
  readonly #events: EventLog;

  constructor(events: EventLog) {
    this.#events = events;
  }

  NotifyEmailDelivered(
    context: CallContext,
    request: ClientServiceNotifyEmailDeliveredRequest,
  ): Promise<ClientServiceNotifyEmailDeliveredResponse> {
    noteSubject({ userId: request.userId });
    return this.#record(context, readNotifyEmailDelivered(request));
  }

  NotifyImageConverted(
    context: CallContext,
    request: ClientServiceNotifyImageConvertedRequest,
  ): Promise<ClientServiceNotifyImageConvertedResponse> {
    const { conversion } = request;
    noteSubject(conversion === undefined ? {} : { conversionId: conversion.id, userId: conversion.userId });
    return this.#record(context, readNotifyImageConverted(request));
  }

  #record({ logger }: CallContext, { kind, jobId, body }: Callback): Promise<Record<string, never>> {
    noteSubject({ jobId });
    const event = { source: "callback", kind, key: jobId, data: { jobId, body } } as const;
    const isNew = this.#events.record(event, new Date());
    logger.info(isNew ? "callback" : "callback again", { kind });
    return Promise.resolve({});
  }
}
