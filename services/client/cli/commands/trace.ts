import type { Clients } from "../clients";
import type { Endpoints } from "../endpoints";
import { CommandError, UsageError } from "../errors";
import { fetchTrace } from "../jaeger";
import type { Output } from "../output";
import { renderWaterfall, summarizeTrace } from "../waterfall";

const TRACE_ID = /^[0-9a-f]{32}$/i;
const JOB_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Prints the waterfall of a trace, named by its id or by a job that belongs to it. */
export async function showTrace(clients: Clients, endpoints: Endpoints, id: string, output: Output): Promise<void> {
  const trace = await fetchTrace(endpoints, await traceIdOf(clients, id));
  output.line(renderWaterfall(trace, { columns: output.columns, colour: output.interactive }));
  output.document({ ...summarizeTrace(trace), trace });
}

async function traceIdOf(clients: Clients, id: string): Promise<string> {
  if (TRACE_ID.test(id)) return id.toLowerCase();
  if (!JOB_ID.test(id))
    throw new UsageError(`"${id}" is neither a trace id (32 hexadecimal digits) nor the UUID of a job`);
  const { job } = await clients.jobs.GetJob({ jobId: id });
  if (job === undefined || job.traceId === "") throw new CommandError(`job ${id} has no trace: it was not sampled`);
  return job.traceId;
}
