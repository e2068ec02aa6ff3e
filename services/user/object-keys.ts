// Where the bytes of uploads, inline images and PDFs are in the bucket.

/** Key of the image that was uploaded. */
export function uploadKey(uploadId: string): string {
  return `uploads/${uploadId}`;
}

/**
 * Key of an image that came inline.
 *
 * The hash is part of it, so that two requests that race with the same idempotency key and different images cannot
 * overwrite each other's bytes before the database has decided which of them is accepted.
 *
 * @param sha256 hash of the image, hexadecimal
 */
export function inlineImageKey(conversionId: string, sha256: string): string {
  return `images/${conversionId}/${sha256}`;
}

/** Key of the PDF that a job stores. */
export function pdfKey(jobId: string): string {
  return `pdf/${jobId}.pdf`;
}
