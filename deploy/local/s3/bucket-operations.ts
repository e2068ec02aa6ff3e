import { bucketOf, type S3Answer, type S3Context } from "./context";
import { S3Error } from "./s3-error";
import { document, element } from "./xml";

/** ListBuckets. */
export function listBuckets(context: S3Context): S3Answer {
  const buckets = context.storage.catalog.buckets();
  const result = element("ListAllMyBucketsResult", [
    element("Owner", [element("ID", context.authentication.accessKeyId)]),
    element(
      "Buckets",
      buckets.map(({ name, createdAt }) =>
        element("Bucket", [element("Name", name), element("CreationDate", new Date(createdAt).toISOString())]),
      ),
    ),
  ]);
  return { status: 200, xml: document(result) };
}

/** CreateBucket. A body, which could name a region, is ignored. */
export async function createBucket(context: S3Context): Promise<S3Answer> {
  const bucket = context.target.bucket ?? "";
  // Rules of S3: 3 to 63 of a-z 0-9 . -, letter or digit at both ends, no two dots in a row.
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket) || bucket.includes("..")) {
    throw new S3Error("InvalidBucketName");
  }
  await context.storage.commit(() => {
    if (context.storage.catalog.hasBucket(bucket)) {
      throw new S3Error("BucketAlreadyOwnedByYou");
    }
    return { type: "bucket-created", bucket, createdAt: Date.now() };
  });
  return { status: 200, headers: { location: `/${bucket}` } };
}

/** HeadBucket. */
export function headBucket(context: S3Context): S3Answer {
  bucketOf(context);
  return { status: 200 };
}

/** DeleteBucket, which must be empty. */
export async function deleteBucket(context: S3Context): Promise<S3Answer> {
  const bucket = bucketOf(context);
  await context.storage.commit(() => {
    bucketOf(context);
    if (!context.storage.catalog.isEmpty(bucket)) {
      throw new S3Error("BucketNotEmpty");
    }
    return { type: "bucket-deleted", bucket };
  });
  return { status: 204 };
}

/** GetBucketLocation: the answer that stands for us-east-1. */
export function getBucketLocation(context: S3Context): S3Answer {
  bucketOf(context);
  return { status: 200, xml: document(element("LocationConstraint", "")) };
}
