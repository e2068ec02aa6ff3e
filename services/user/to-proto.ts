import { Timestamp } from "../../gen/twirp/google/protobuf/timestamp";
import {
  ConversionStatus,
  Conversion as ProtoConversion,
  Upload as ProtoUpload,
  User as ProtoUser,
} from "../../gen/twirp/mcsv/v1/user";
import type { Conversion, ConversionState } from "./conversion-rows";
import { formatToProto } from "./image-format";
import type { PdfUrl } from "./pdf-urls";
import type { Upload } from "./uploads";
import type { User } from "./users";

/** The user as the contract has it. */
export function userToProto(user: User): ProtoUser {
  return ProtoUser.create({
    id: user.id,
    email: user.email,
    name: user.name,
    createdAt: Timestamp.fromDate(user.createdAt),
    welcomeJobId: user.welcomeJobId,
    ...optional("welcomeDeliveredAt", user.welcomeDeliveredAt),
  });
}

/** The upload as the contract has it. */
export function uploadToProto(upload: Upload): ProtoUpload {
  return ProtoUpload.create({ ...upload, expiresAt: Timestamp.fromDate(upload.expiresAt) });
}

/**
 * The conversion as the contract has it.
 *
 * @param pdfUrl left out of lists and where there is no PDF
 */
export function conversionToProto(conversion: Conversion, pdfUrl?: PdfUrl): ProtoConversion {
  const { pdf, failure } = conversion;
  return ProtoConversion.create({
    id: conversion.id,
    userId: conversion.userId,
    jobId: conversion.jobId,
    fileName: conversion.fileName,
    options: conversion.options,
    status: statusToProto(conversion.status),
    sourceFormat: formatToProto(conversion.sourceFormat),
    sourceBytes: conversion.sourceBytes,
    createdAt: Timestamp.fromDate(conversion.createdAt),
    ...optional("endedAt", conversion.endedAt),
    ...(pdf === undefined ? {} : { pdf }),
    ...(failure === undefined ? {} : { failure }),
    ...(pdfUrl === undefined ? {} : { pdfUrl: pdfUrl.url, ...optional("pdfUrlExpiresAt", pdfUrl.expiresAt) }),
  });
}

function statusToProto(status: ConversionState): ConversionStatus {
  switch (status) {
    case "pending":
      return ConversionStatus.PENDING;
    case "completed":
      return ConversionStatus.COMPLETED;
    case "failed":
      return ConversionStatus.FAILED;
    default:
      return status satisfies never;
  }
}

/** A time, or nothing at all: an unset field is absent rather than undefined. */
function optional<Field extends string>(field: Field, at: Date | null): { [F in Field]?: Timestamp } {
  return (at === null ? {} : { [field]: Timestamp.fromDate(at) }) as { [F in Field]?: Timestamp };
}
