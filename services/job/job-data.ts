import { createHash } from "node:crypto";
import type { IMessageType, JsonValue } from "@protobuf-ts/runtime";
import { Email } from "../../gen/twirp/mcsv/v1/email";
import { ConversionOptions } from "../../gen/twirp/mcsv/v1/image";
import {
  UserServiceNotifyEmailDeliveredRequest,
  UserServiceNotifyImageConvertedRequest,
} from "../../gen/twirp/mcsv/v1/user";

// What is stored with a job. Messages are kept in protobuf's JSON, so that a person can read them in the table.

/** What every job of this service carries. */
export interface JobData {
  /** User on whose behalf it runs. */
  userId: string;
  /** Who had it made, as its history says; unset for what the service makes by itself. */
  enqueuedBy?: string;
  /** Job that it replays. */
  replayOf?: string;
  /** First job of which it is a replay, or a replay of a replay. */
  originId?: string;
}

/**
 * The job whose work this one does: its own, or that of the job it replays. Whatever must happen once whoever does it
 * goes by this id: the mail in the ledger, the key of the PDF, the callback.
 */
export function effectIdOf({ id, data }: { id: string; data: Pick<JobData, "originId"> }): string {
  return data.originId ?? id;
}

/** Data of a job in `email`. */
export interface EmailJobData extends JobData {
  /** mcsv.v1.Email */
  email: JsonValue;
}

/** Data of a job in `image-conversion`. */
export interface ImageConversionJobData extends JobData {
  conversionId: string;
  /** Presigned URL of the image, as the caller who enqueued first gave it. */
  sourceUrl: string;
  /** mcsv.v1.ConversionOptions */
  options: JsonValue;
}

/** Data of a job in `callback`: one of the two requests. */
export interface CallbackJobData extends JobData {
  /** Conversion that it tells of. */
  conversionId?: string;
  /** mcsv.v1.UserServiceNotifyEmailDeliveredRequest */
  emailDelivered?: JsonValue;
  /** mcsv.v1.UserServiceNotifyImageConvertedRequest */
  imageConverted?: JsonValue;
}

/** A mail to send, checked. */
export interface EmailJob {
  idempotencyKey: string;
  userId: string;
  email: Email;
}

/** An image to convert, checked. */
export interface ImageConversionJob {
  idempotencyKey: string;
  userId: string;
  conversionId: string;
  sourceUrl: string;
  options: ConversionOptions;
}

/** Makes the data of a job in `email`. */
export function emailJobData({ userId, email }: EmailJob): EmailJobData {
  return { userId, email: Email.toJson(email) };
}

/** Makes the data of a job in `image-conversion`. */
export function imageConversionJobData(job: ImageConversionJob): ImageConversionJobData {
  const { userId, conversionId, sourceUrl, options } = job;
  return { userId, conversionId, sourceUrl, options: ConversionOptions.toJson(options) };
}

/** Makes the data of a job in `callback` that tells what became of a mail. */
export function emailCallbackData(request: UserServiceNotifyEmailDeliveredRequest): CallbackJobData {
  return { userId: request.userId, emailDelivered: UserServiceNotifyEmailDeliveredRequest.toJson(request) };
}

/** Makes the data of a job in `callback` that tells what became of a conversion. */
export function imageCallbackData(userId: string, request: UserServiceNotifyImageConvertedRequest): CallbackJobData {
  const { conversionId } = request;
  return { userId, conversionId, imageConverted: UserServiceNotifyImageConvertedRequest.toJson(request) };
}

/** Reads a message that was stored with a job, by this version of the service or another. */
export function fromStored<T extends object>(type: IMessageType<T>, json: JsonValue): T {
  return type.fromJson(json, { ignoreUnknownFields: true });
}

/** Hash of what an idempotency key of EnqueueEmail stands for. */
export function emailContentHash({ userId, email }: EmailJob): string {
  return hash(userId, Email.toBinary(email, KNOWN_FIELDS));
}

/** Hash of what an idempotency key of EnqueueImageConversion stands for; the source's URL, signed anew each time, is not part of it. */
export function imageConversionContentHash({ userId, conversionId, options }: ImageConversionJob): string {
  return hash(userId, conversionId, ConversionOptions.toBinary(options, KNOWN_FIELDS));
}

/** Fields that this version does not know must not tell one content from another. */
const KNOWN_FIELDS = { writeUnknownFields: false };

function hash(...parts: readonly (string | Uint8Array)[]): string {
  const sum = createHash("sha256");
  for (const part of parts) {
    // Its length first, so that parts keep their limits.
    sum.update(`${part.length}:`).update(part);
  }
  return sum.digest("base64url");
}
