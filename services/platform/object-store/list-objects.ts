import {
  AbortMultipartUploadCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  type S3Client,
} from "@aws-sdk/client-s3";
import type { ListedObject } from "./object-store";

/** Objects whose keys begin with `prefix`, by key; asks for a page when the one before has been used. */
export async function* listObjects(client: S3Client, bucket: string, prefix: string): AsyncGenerator<ListedObject> {
  let token: string | undefined;
  do {
    const page = await client.send(
      new ListObjectsV2Command({
        Bucket: bucket,
        Prefix: prefix,
        ...(token !== undefined && { ContinuationToken: token }),
      }),
    );
    for (const { Key, Size, LastModified } of page.Contents ?? []) {
      if (Key !== undefined && LastModified !== undefined) {
        yield { key: Key, bytes: Size ?? 0, lastModified: LastModified };
      }
    }
    token = page.IsTruncated === true ? page.NextContinuationToken : undefined;
  } while (token !== undefined);
}

/** Removes the parts of uploads below `prefix` that were begun before a time and never ended. */
export async function abortUploads(
  client: S3Client,
  bucket: string,
  { prefix, startedBefore }: { prefix: string; startedBefore: Date },
): Promise<number> {
  const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket: bucket, Prefix: prefix }));
  const abandoned = Uploads.filter(({ Initiated }) => Initiated !== undefined && Initiated < startedBefore);
  for (const { Key, UploadId } of abandoned) {
    await client.send(new AbortMultipartUploadCommand({ Bucket: bucket, Key, UploadId }));
  }
  return abandoned.length;
}
