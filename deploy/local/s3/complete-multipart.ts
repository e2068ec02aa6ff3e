import { createHash } from "node:crypto";
import { type ChecksumName, createChecksum } from "./checksums";
import { childText, type XmlElement } from "./parse-xml";
import type { ObjectRecord, PartRecord, UploadRecord } from "./records";
import { S3Error } from "./s3-error";

/** A part as the client lists it to complete an upload. */
export interface ListedPart {
  readonly number: number;
  /** Without quotes. */
  readonly etag: string;
}

/**
 * Reads a CompleteMultipartUpload document.
 *
 * @throws S3Error MalformedXML, InvalidPartOrder
 */
export function parsePartList(root: XmlElement): ListedPart[] {
  const parts = root.children
    .filter((child) => child.name === "Part")
    .map((part) => ({
      number: Number(childText(part, "PartNumber") ?? Number.NaN),
      etag: (childText(part, "ETag") ?? "").trim().replaceAll('"', ""),
    }));
  if (root.name !== "CompleteMultipartUpload" || parts.length === 0) {
    throw new S3Error("MalformedXML");
  }
  parts.forEach((part, index) => {
    if (!Number.isInteger(part.number)) {
      throw new S3Error("MalformedXML");
    }
    if (part.number <= (parts[index - 1]?.number ?? 0)) {
      throw new S3Error("InvalidPartOrder");
    }
  });
  return parts;
}

/**
 * The object that the listed parts of an upload make.
 *
 * @throws S3Error InvalidPart, EntityTooSmall
 */
export function completedObject(
  upload: UploadRecord,
  listed: readonly ListedPart[],
  minPartBytes: number,
): ObjectRecord {
  const parts = listed.map(({ number, etag }, index) => {
    const part = upload.parts.get(number);
    if (part === undefined || part.etag !== etag) {
      throw new S3Error("InvalidPart");
    }
    if (index < listed.length - 1 && part.blob.bytes < minPartBytes) {
      throw new S3Error("EntityTooSmall");
    }
    return part;
  });
  const md5s = createHash("md5");
  for (const part of parts) {
    md5s.update(part.etag, "hex");
  }
  return {
    blobs: parts.map((part) => part.blob),
    bytes: parts.reduce((sum, part) => sum + part.blob.bytes, 0),
    etag: `${md5s.digest("hex")}-${parts.length}`,
    lastModified: Date.now(),
    headers: upload.headers,
    checksums: upload.checksum === undefined ? {} : compositeChecksum(upload.checksum, parts),
  };
}

/** Checksum of the parts' checksums, with the number of parts, as S3 gives it. */
function compositeChecksum(name: ChecksumName, parts: readonly PartRecord[]): Partial<Record<ChecksumName, string>> {
  const composite = createChecksum(name);
  for (const part of parts) {
    composite.update(Buffer.from(part.checksums[name] ?? "", "base64"));
  }
  return { [name]: `${composite.digest().toString("base64")}-${parts.length}` };
}
