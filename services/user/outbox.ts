import type { JsonValue } from "@protobuf-ts/runtime";
import type { ClientBase } from "pg";
import { ClientServiceNotifyEmailDeliveredRequest } from "../../gen/twirp/mcsv/v1/client";
import { ConversionOptions } from "../../gen/twirp/mcsv/v1/image";
import { EnqueueEmailRequest } from "../../gen/twirp/mcsv/v1/job";
import { deterministicId } from "../platform/ids/deterministic-id";
import type { QueueBoss } from "../platform/queue/create-boss";
import { enqueue } from "../platform/queue/enqueue";
import { deadLetterOf, type QueueDefinition } from "../platform/queue/queue-definition";
import type { Conversion, ConversionState } from "./conversion-rows";
import type { EmailOutcome } from "./requests";

// The outbox: what this service owes to others, stored in the transaction of the change that it follows from, and
// delivered by the relays (relays.ts) until the other side has taken it.

const HOUR_SECONDS = 3600;
const YEAR_SECONDS = 365 * 24 * HOUR_SECONDS;

/** Attempts that go on for weeks: after the first minute there are some four a minute. */
const UNTIL_TAKEN = { retryLimit: 100_000, retryDelaySeconds: 1, retryDelayMaxSeconds: 15 };
/** Attempts that go on for about a week, one every ten minutes in the end, and then wait for a person. */
const FOR_A_WEEK = { retryLimit: 1000, retryDelaySeconds: 1, retryDelayMaxSeconds: 600 };

/** Order of a mail at the job service. Its payload is mcsv.v1.EnqueueEmailRequest in protobuf's JSON. */
export const ORDER_EMAIL = outboxQueue("order-email", UNTIL_TAKEN);
/** Order of a conversion at the job service. Its payload is a ConversionOrder. */
export const ORDER_CONVERSION = outboxQueue("order-image-conversion", UNTIL_TAKEN);
/** Relay to the client service. Its payload is mcsv.v1.ClientServiceNotifyEmailDeliveredRequest in protobuf's JSON. */
export const RELAY_EMAIL = outboxQueue("relay-email-delivered", FOR_A_WEEK);
/** Relay to the client service. Its payload is a ConversionRelay. */
export const RELAY_CONVERSION = outboxQueue("relay-image-converted", FOR_A_WEEK);

/** All queues of the outbox. */
export const OUTBOX_QUEUES: readonly QueueDefinition[] = [ORDER_EMAIL, ORDER_CONVERSION, RELAY_EMAIL, RELAY_CONVERSION];

/** Payload of ORDER_CONVERSION. The URL of the source is left out: it is signed when the order is delivered. */
export interface ConversionOrder {
  conversionId: string;
  userId: string;
  /** Key of the source image in the bucket. */
  sourceKey: string;
  /** mcsv.v1.ConversionOptions in protobuf's JSON. */
  options: JsonValue;
}

/** Payload of RELAY_CONVERSION. The rest is read when the relay is delivered, and the URL of the PDF signed then. */
export interface ConversionRelay {
  conversionId: string;
}

/** Idempotency key of a conversion at the job service. */
export function conversionKey(conversionId: string): string {
  return `conversion:${conversionId}`;
}

/** Stores orders and relays. Each takes the connection whose open transaction it becomes part of. */
export interface Outbox {
  orderEmail(db: ClientBase, request: EnqueueEmailRequest): Promise<void>;
  orderConversion(
    db: ClientBase,
    order: Omit<ConversionOrder, "options"> & { options: ConversionOptions },
  ): Promise<void>;
  relayEmailOutcome(db: ClientBase, outcome: EmailOutcome): Promise<void>;
  relayConversionOutcome(
    db: ClientBase,
    conversion: Pick<Conversion, "id"> & { status: ConversionState },
  ): Promise<void>;
}

/** @param boss started, with OUTBOX_QUEUES in place */
export function createOutbox(boss: QueueBoss): Outbox {
  const put = async (db: ClientBase, { name }: QueueDefinition, key: string, data: object): Promise<void> => {
    await enqueue(boss, name, { id: deterministicId("outbox", name, key), data, db });
  };
  return {
    orderEmail: (db, request) =>
      put(db, ORDER_EMAIL, request.idempotencyKey, json(EnqueueEmailRequest.toJson(request))),
    orderConversion: (db, order) => {
      const data: ConversionOrder = { ...order, options: ConversionOptions.toJson(order.options) };
      return put(db, ORDER_CONVERSION, order.conversionId, data);
    },
    relayEmailOutcome: (db, { jobId, userId, outcome }) => {
      const request = ClientServiceNotifyEmailDeliveredRequest.create({
        jobId,
        userId,
        outcome:
          outcome.kind === "delivered"
            ? { oneofKind: "delivery", delivery: outcome.delivery }
            : { oneofKind: "failure", failure: outcome.failure },
      });
      // A failure and the delivery that a later attempt made of it are two relays.
      const data = json(ClientServiceNotifyEmailDeliveredRequest.toJson(request));
      return put(db, RELAY_EMAIL, `${jobId} ${outcome.kind}`, data);
    },
    relayConversionOutcome: (db, { id, status }) => {
      const data: ConversionRelay = { conversionId: id };
      return put(db, RELAY_CONVERSION, `${id} ${status}`, data);
    },
  };
}

function outboxQueue(
  name: string,
  retries: Pick<QueueDefinition, "retryLimit" | "retryDelaySeconds" | "retryDelayMaxSeconds">,
): QueueDefinition {
  return {
    name,
    deadLetter: deadLetterOf(name),
    ...retries,
    // An attempt is one call with a deadline of seconds.
    expireInSeconds: 120,
    keepSeconds: HOUR_SECONDS,
    retentionSeconds: YEAR_SECONDS,
  };
}

/** Messages are objects in protobuf's JSON; the library's type does not say so. */
function json(value: JsonValue): object {
  return value as object;
}
