import { Timestamp } from "../../gen/twirp/google/protobuf/timestamp";
import type { JobOptions } from "../../gen/twirp/mcsv/v1/job";
import { invalidArgument } from "../platform/twirp/errors";

/** When and before which others a job runs. */
export interface JobSchedule {
  priority: number;
  /** Earliest time to run it; now unless given. */
  runAt?: Date;
  /** Key that no other unfinished job of the queue has. */
  uniqueKey?: string;
}

const MAX_AHEAD_DAYS = 366;
const DAY_MS = 24 * 60 * 60 * 1_000;

/**
 * Reads job_options.
 *
 * @throws TwirpError invalid_argument when the time is more than a year ahead
 */
export function jobScheduleFrom(options: JobOptions | undefined): JobSchedule {
  const { priority = 0, runAt, uniqueKey = "" } = options ?? {};
  return {
    priority,
    ...(runAt !== undefined && { runAt: checkRunAt(Timestamp.toDate(runAt)) }),
    ...(uniqueKey !== "" && { uniqueKey }),
  };
}

function checkRunAt(runAt: Date): Date {
  if (!(runAt.getTime() <= Date.now() + MAX_AHEAD_DAYS * DAY_MS)) {
    throw invalidArgument("job_options.run_at", "must be within a year");
  }
  return runAt;
}
