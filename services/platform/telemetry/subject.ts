import type { Attributes } from "@opentelemetry/api";

/** What a call or a job is about: the ids by which people look for it, in logs and in traces. */
export interface Subject {
  readonly conversionId?: string;
  readonly jobId?: string;
  readonly userId?: string;
}

/** The ids as fields of a log line. */
export function subjectFields({ conversionId, jobId, userId }: Subject): Record<string, string> {
  return {
    ...(conversionId !== undefined && { conversion_id: conversionId }),
    ...(jobId !== undefined && { job_id: jobId }),
    ...(userId !== undefined && { user_id: userId }),
  };
}

/** The ids as attributes of a span. */
export function subjectAttributes({ conversionId, jobId, userId }: Subject): Attributes {
  return {
    ...(conversionId !== undefined && { "mcsv.conversion.id": conversionId }),
    ...(jobId !== undefined && { "mcsv.job.id": jobId }),
    ...(userId !== undefined && { "mcsv.user.id": userId }),
  };
}
