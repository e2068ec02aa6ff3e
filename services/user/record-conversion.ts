import type { PoolClient } from "pg";
import { ConvertedPdf } from "../../gen/twirp/mcsv/v1/image";
import { withTransaction } from "../platform/postgres/with-transaction";
import { invalidArgument, notFound } from "../platform/twirp/errors";
import { CONVERSION_COLUMNS, type Conversion, type ConversionRow, conversionFromRow } from "./conversion-rows";
import { conversionCompleteMail, type MailedUser } from "./mails";
import type { PdfUrls } from "./pdf-urls";
import type { RecordDependencies } from "./record-email";
import type { ConversionOutcome } from "./requests";

/** What recording the outcome of a conversion takes. */
export interface RecordConversionDependencies extends RecordDependencies {
  pdfUrls: PdfUrls;
}

type EndedRow = ConversionRow & { user_email: string; user_name: string };

/**
 * Ends a conversion once. A PDF replaces a failure, for a job that failed for good may be run again by hand; nothing
 * replaces a PDF.
 */
const END = `
  UPDATE conversions AS c SET status = $3, pdf = $4, failure_code = $5, failure_message = $6, ended_at = now()
  FROM users u
  WHERE c.id = $1 AND c.job_id = $2 AND u.id = c.user_id
    AND (c.status = 'pending' OR (c.status = 'failed' AND $3 = 'completed'))
  RETURNING ${CONVERSION_COLUMNS}, u.email AS user_email, u.name AS user_name`;
const SELECT_JOB = "SELECT job_id FROM conversions WHERE id = $1";

/**
 * Records what became of a conversion, orders its relay to the client service, and, for a PDF, the mail that tells the
 * user; all in one transaction. A repetition changes nothing.
 *
 * @throws TwirpError not_found (conversion), invalid_argument (another job's conversion)
 */
export async function recordConversionOutcome(
  { pool, outbox, pdfUrls, journeys }: RecordConversionDependencies,
  { conversionId, jobId, outcome }: ConversionOutcome,
): Promise<void> {
  const completed = outcome.kind === "completed";
  const parameters = [
    conversionId,
    jobId,
    outcome.kind,
    completed ? ConvertedPdf.toJsonString(outcome.pdf, { useProtoFieldName: true }) : null,
    completed ? null : outcome.failure.code,
    completed ? null : outcome.failure.message,
  ];
  const ended = await withTransaction(pool, async (client) => {
    const { rows } = await client.query<EndedRow>(END, parameters);
    if (rows[0] === undefined) {
      await assertRepetition(client, conversionId, jobId);
      return undefined;
    }
    const conversion = conversionFromRow(rows[0]);
    await outbox.relayConversionOutcome(client, conversion);
    if (conversion.pdf !== undefined) {
      const user = { id: conversion.userId, email: rows[0].user_email, name: rows[0].user_name };
      await outbox.orderEmail(client, await mailAbout(user, conversion, conversion.pdf, pdfUrls));
    }
    return conversion;
  });
  if (ended?.endedAt) {
    journeys.converted(ended.createdAt, ended.endedAt, ended.failure?.code ?? "ok");
  }
}

/** The URL is made once and stored with the order, so that an order repeated to the job service is the same order. */
async function mailAbout(user: MailedUser, conversion: Conversion, pdf: ConvertedPdf, pdfUrls: PdfUrls) {
  const { url, expiresAt } = await pdfUrls.forMail(conversion);
  return conversionCompleteMail(user, {
    conversionId: conversion.id,
    fileName: conversion.fileName,
    url,
    urlExpiresAt: expiresAt,
    bytes: pdf.outputBytes,
  });
}

async function assertRepetition(client: PoolClient, conversionId: string, jobId: string): Promise<void> {
  const { rows } = await client.query<{ job_id: string }>(SELECT_JOB, [conversionId]);
  if (rows[0] === undefined) {
    throw notFound("no such conversion");
  }
  if (rows[0].job_id !== jobId) {
    throw invalidArgument("job_id", "must be the job of this conversion");
  }
}
