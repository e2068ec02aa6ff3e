import type { ObjectStore } from "../platform/object-store/object-store";
import type { Conversion } from "./conversion-rows";
import { pdfKey } from "./object-keys";

/** A presigned URL and when it stops working. */
export interface PdfUrl {
  url: string;
  expiresAt: Date;
}

/** Makes presigned URLs of PDFs, for people outside; each call makes a fresh one. */
export interface PdfUrls {
  /** For an answer or a callback: it is used at once. Undefined when there is no PDF, or none any more. */
  forCaller(conversion: Conversion): Promise<PdfUrl | undefined>;
  /** For a mail, which may be read days later. */
  forMail(conversion: Conversion): Promise<PdfUrl>;
}

/** What makes the URLs, and how long they work. */
export interface PdfUrlOptions {
  objectStore: ObjectStore;
  ttlSeconds: number;
  mailTtlSeconds: number;
}

/** The URLs save the PDF under the name of the file that it was made from. */
export function createPdfUrls({ objectStore, ttlSeconds, mailTtlSeconds }: PdfUrlOptions): PdfUrls {
  const presign = async ({ jobId, fileName }: Conversion, expiresInSeconds: number): Promise<PdfUrl> => {
    // Taken before the signature is dated, so that the URL never stops working earlier than it says.
    const expiresAt = new Date(Date.now() + expiresInSeconds * 1000);
    const url = await objectStore.presignGet(pdfKey(jobId), {
      expiresInSeconds,
      audience: "public",
      downloadName: pdfName(fileName),
    });
    return { url, expiresAt };
  };
  return {
    forCaller: async (conversion) =>
      conversion.pdf === undefined || conversion.pdfRemoved ? undefined : await presign(conversion, ttlSeconds),
    forMail: (conversion) => presign(conversion, mailTtlSeconds),
  };
}

/** Name of the PDF made from a file: "photo.png" becomes "photo.pdf", a name without an image's ending gets ".pdf". */
export function pdfName(fileName: string): string {
  return `${fileName.replace(/(?<=.)\.(png|jpe?g)$/i, "")}.pdf`;
}
