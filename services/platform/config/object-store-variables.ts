import { httpUrl, secret, text } from "./variables";

/** The variables of every service that reads or writes the object store. */
export const objectStoreVariables = {
  objectStoreEndpoint: httpUrl({
    env: "OBJECT_STORE_ENDPOINT",
    description: "S3 endpoint as services reach it.",
  }),
  objectStorePublicEndpoint: httpUrl({
    env: "OBJECT_STORE_PUBLIC_ENDPOINT",
    description: "S3 endpoint as callers outside reach it; presigned URLs for them name it.",
    fallback: "OBJECT_STORE_ENDPOINT",
  }),
  objectStoreRegion: text({
    env: "OBJECT_STORE_REGION",
    description: "Region that requests are signed for.",
    default: "us-east-1",
  }),
  objectStoreBucket: text({
    env: "OBJECT_STORE_BUCKET",
    description: "Bucket of uploads, inline images and PDFs.",
    default: "mcsv",
  }),
  objectStoreAccessKeyId: text({
    env: "OBJECT_STORE_ACCESS_KEY_ID",
    description: "Id of the access key.",
  }),
  objectStoreSecretAccessKey: secret({
    env: "OBJECT_STORE_SECRET_ACCESS_KEY",
    description: "Secret of the access key.",
  }),
};
