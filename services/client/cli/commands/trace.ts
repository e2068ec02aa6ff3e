import { TwirpErrorCode } from "twirp-ts";
import type { Clients } from "../clients";
import type { Endpoints } from "../endpoints";
import { CommandError, UsageError } from "../errors";
import { isTwirp } from "../find-user";
import { fetchTrace, findTraceOfConversion, type JaegerTrace } from "../jaeger";
import type { Output } from "../output";
import { renderWaterfall, summarizeTrace } from "../waterfall";

const TRACE_ID = /^[0-9a-f]{32}$/i;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Prints the waterfall of a trace, named by its id or by a job or a conversion that belongs to it. */
export async function showTrace(clients: Clients, endpoints: Endpoints, id: string, output: Output): Promise<void> {
  const trace = await traceOf(clients, endpoints, id.toLowerCase());
  output.line(renderWaterfall(trace, { columns: output.columns, colour: output.interactive }));
  output.document({ ...summarizeTrace(trace), trace });
}

async function traceOf(clients: Clients, endpoints: Endpoints, id: string): Promise<JaegerTrace> {
  if (TRACE_ID.test(id)) return fetchTrace(endpoints, id);
  if (!UUID.test(id))
    throw new UsageError(`"${id}" is neither a trace id (32 hexadecimal digits) nor the UUID of a job or a conversion`);
  const job = await findJob(clients, id);
  if (job === undefined) return findTraceOfConversion(endpoints, id);
  if (job.traceId === "") throw new CommandError(`job ${id} has no trace: it was not sampled`);
  return fetchTrace(endpoints, job.traceId);
}

async function findJob({ jobs }: Clients, jobId: string) {
  try {
    return (await jobs.GetJob({ jobId })).job;
  } catch (error) {
    if (isTwirp(error, TwirpErrorCode.NotFound)) return undefined;
    throw error;
  }
}
