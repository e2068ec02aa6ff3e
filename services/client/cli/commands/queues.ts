import {
  GetQueueStatsResponse,
  PauseQueueResponse,
  RedriveQueueResponse,
  ResumeQueueResponse,
} from "../../../../gen/client/mcsv/v1/job";
import type { Clients } from "../clients";
import { formatMs, formatTime, type Output, table } from "../output";

/** Prints the counts of every queue. */
export async function showQueues(clients: Clients, output: Output): Promise<void> {
  const stats = await clients.jobs.GetQueueStats({});
  const rows = stats.queues.map((queue) => [
    queue.queue,
    ...[queue.ready, queue.deferred, queue.active, queue.completed, queue.failed, queue.cancelled].map(String),
    queue.oldestReadyAgeMs === 0n ? "-" : formatMs(Number(queue.oldestReadyAgeMs)),
    queue.pause === undefined ? "" : `paused by ${queue.pause.actor}`,
  ]);
  const head = ["queue", "ready", "deferred", "active", "completed", "failed", "cancelled", "oldest ready", ""];
  output.line(table(head, rows));
  output.document(GetQueueStatsResponse.toJSON(stats));
}

/** Lets no job of a queue start. */
export async function pauseQueue(clients: Clients, queue: string, reason: string, output: Output): Promise<void> {
  const answer = await clients.jobs.PauseQueue({ queue, reason });
  const { actor = "", pausedAt, reason: why = "" } = answer.pause ?? {};
  output.line(`${queue} is paused since ${formatTime(pausedAt)} by ${actor}${why === "" ? "" : `: ${why}`}`);
  output.line(`what runs goes on; mcsv queues resume ${queue} lets the rest start`);
  output.document(PauseQueueResponse.toJSON(answer));
}

/** Lets the jobs of a queue start again. */
export async function resumeQueue(clients: Clients, queue: string, reason: string, output: Output): Promise<void> {
  const answer = await clients.jobs.ResumeQueue({ queue, reason });
  output.line(answer.wasPaused ? `${queue} goes on` : `${queue} was not paused`);
  output.document(ResumeQueueResponse.toJSON(answer));
}

/** Lets jobs of a queue that failed for good run again. */
export async function redriveQueue(clients: Clients, queue: string, limit: number, output: Output): Promise<void> {
  const answer = await clients.jobs.RedriveQueue({ queue, limit });
  const { redriven } = answer;
  output.line(
    redriven === 0 ? `${queue} has no dead letters` : `${redriven} job${redriven === 1 ? " runs" : "s run"} again`,
  );
  output.document(RedriveQueueResponse.toJSON(answer));
}
