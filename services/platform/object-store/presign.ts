import { GetObjectCommand, PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import type { PresignedPut, PresignGetOptions, PresignPutOptions } from "./object-store";
import { untraced } from "./untraced";

/**
 * Signs a GET for the endpoint of `client`. Pure computation: nothing is sent, though the presigner runs the client's
 * middleware, which would leave the span of a request.
 */
export function presignGet(
  client: S3Client,
  bucket: string,
  key: string,
  { expiresInSeconds, downloadName }: Omit<PresignGetOptions, "audience">,
): Promise<string> {
  const command = new GetObjectCommand({
    Bucket: bucket,
    Key: key,
    ...(downloadName === undefined ? {} : { ResponseContentDisposition: attachment(downloadName) }),
  });
  return untraced(() => getSignedUrl(client, command, { expiresIn: expiresInSeconds }));
}

/**
 * Signs a PUT for the endpoint of `client`. Type and length are among the signed headers, which the presigner leaves
 * out by itself: whoever sends others gets SignatureDoesNotMatch.
 */
export async function presignPut(
  client: S3Client,
  bucket: string,
  key: string,
  { contentType, bytes, expiresInSeconds }: PresignPutOptions,
): Promise<PresignedPut> {
  const command = new PutObjectCommand({ Bucket: bucket, Key: key, ContentType: contentType, ContentLength: bytes });
  const url = await untraced(() =>
    getSignedUrl(client, command, {
      expiresIn: expiresInSeconds,
      signableHeaders: new Set(["host", "content-type", "content-length"]),
    }),
  );
  return { url, headers: { "content-type": contentType, "content-length": String(bytes) } };
}

/** `Content-Disposition` with an ASCII name for old clients and the exact one beside it: RFC 6266, section 4.3. */
function attachment(name: string): string {
  const ascii = name.replace(/[^\x20-\x7e]|["\\%]/g, "_");
  const exact = encodeURIComponent(name).replace(/['()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
  return `attachment; filename="${ascii}"; filename*=UTF-8''${exact}`;
}
