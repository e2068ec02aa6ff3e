import { ConversionOptions, ConvertedPdf } from "../../gen/twirp/mcsv/v1/image";
import type { SourceFormat } from "./image-format";

/** Where a conversion is in its life. */
export type ConversionState = "pending" | "completed" | "failed";

/** The order of a PDF, and what became of it. */
export interface Conversion {
  id: string;
  userId: string;
  /** Job that runs it. */
  jobId: string;
  fileName: string;
  options: ConversionOptions;
  /** Key of the source image in the bucket. */
  sourceKey: string;
  sourceFormat: SourceFormat;
  sourceBytes: bigint;
  status: ConversionState;
  createdAt: Date;
  /** Null while it is pending. */
  endedAt: Date | null;
  /** Set once it is completed. */
  pdf: ConvertedPdf | undefined;
  /** Whether the PDF's time was over, and its bytes were removed. */
  pdfRemoved: boolean;
  /** Set once it failed for good. */
  failure: { code: string; message: string } | undefined;
}

/** A row of the table conversions, CONVERSION_COLUMNS of it. */
export interface ConversionRow {
  id: string;
  user_id: string;
  job_id: string;
  file_name: string;
  options: Parameters<typeof ConversionOptions.fromJson>[0];
  source_key: string;
  source_format: SourceFormat;
  /** bigint, which pg answers as text. */
  source_bytes: string;
  status: ConversionState;
  created_at: Date;
  ended_at: Date | null;
  pdf: Parameters<typeof ConvertedPdf.fromJson>[0] | null;
  failure_code: string | null;
  failure_message: string | null;
  pdf_removed_at: Date | null;
}

/** What a statement selects to make a Conversion of it; the table goes by the name c. */
export const CONVERSION_COLUMNS = [
  "id",
  "user_id",
  "job_id",
  "file_name",
  "options",
  "source_key",
  "source_format",
  "source_bytes",
  "status",
  "created_at",
  "ended_at",
  "pdf",
  "failure_code",
  "failure_message",
  "pdf_removed_at",
]
  .map((column) => `c.${column}`)
  .join(", ");

/** Fields that a newer version of the service stored are left out. */
const LENIENT = { ignoreUnknownFields: true };

/** Makes a conversion of its row. */
export function conversionFromRow(row: ConversionRow): Conversion {
  return {
    id: row.id,
    userId: row.user_id,
    jobId: row.job_id,
    fileName: row.file_name,
    options: ConversionOptions.fromJson(row.options, LENIENT),
    sourceKey: row.source_key,
    sourceFormat: row.source_format,
    sourceBytes: BigInt(row.source_bytes),
    status: row.status,
    createdAt: row.created_at,
    endedAt: row.ended_at,
    pdf: row.pdf === null ? undefined : ConvertedPdf.fromJson(row.pdf, LENIENT),
    pdfRemoved: row.pdf_removed_at !== null,
    failure: row.failure_code === null ? undefined : { code: row.failure_code, message: row.failure_message ?? "" },
  };
}
