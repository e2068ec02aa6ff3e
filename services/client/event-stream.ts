import { PassThrough } from "node:stream";
import type { Context } from "koa";
import type { EventLog, ReceivedEvent } from "./event-log";

/** How a listener is served. */
export interface EventStreamOptions {
  readonly events: EventLog;
  /** Names this life of the process; a listener that comes back after a restart gets everything that is kept. */
  readonly processId: string;
  readonly maxListeners: number;
  /** Ends every stream when it aborts. */
  readonly stopping: AbortSignal;
  /** Time between two comments that keep proxies from closing a silent stream. Default 15000. */
  readonly heartbeatMs?: number;
  /** A listener that leaves more than this unread is cut off. Default 1 MiB. */
  readonly maxUnreadBytes?: number;
}

const DEFAULT_HEARTBEAT_MS = 15_000;
const DEFAULT_MAX_UNREAD_BYTES = 1024 * 1024;

/**
 * `GET /events`: the kept events and then every new one as server-sent events (WHATWG HTML, section 9.2). Each has its kind as
 * type; the data of a callback is `{ jobId, body, receivedAt }`, that of an alert what read-alerts.ts makes of it and
 * `receivedAt`. A `Last-Event-ID` header resumes after that event.
 */
export function streamEvents(ctx: Context, options: EventStreamOptions): void {
  const { events, processId, maxListeners, stopping } = options;
  if (events.listenerCount >= maxListeners) {
    ctx.status = 503;
    ctx.set("retry-after", "5");
    ctx.body = { code: "resource_exhausted", msg: `${maxListeners} listeners follow the events already` };
    return;
  }
  const stream = new PassThrough();
  const send = (text: string): void => {
    stream.write(text);
    if (stream.writableLength > (options.maxUnreadBytes ?? DEFAULT_MAX_UNREAD_BYTES)) stream.destroy();
  };
  const sendEvent = (event: ReceivedEvent): void => send(encodeEvent(processId, event));
  const ignore = events.listen(sendEvent);
  const heartbeat = setInterval(() => send(": still here\n\n"), options.heartbeatMs ?? DEFAULT_HEARTBEAT_MS);
  const end = (): void => {
    stream.end();
  };
  stopping.addEventListener("abort", end);
  stream.once("close", () => {
    ignore();
    clearInterval(heartbeat);
    stopping.removeEventListener("abort", end);
  });
  ctx.req.once("close", () => stream.destroy());

  ctx.set({ "content-type": "text/event-stream", "cache-control": "no-store", "x-accel-buffering": "no" });
  ctx.body = stream;
  send("retry: 1000\n\n");
  for (const event of events.after(sequenceAfter(processId, ctx.get("last-event-id")))) sendEvent(event);
}

function encodeEvent(processId: string, { sequence, kind, receivedAt, data }: ReceivedEvent): string {
  // JSON.stringify writes no line break, which would end the data field.
  return `id: ${processId}-${sequence}\nevent: ${kind}\ndata: ${JSON.stringify({ ...data, receivedAt })}\n\n`;
}

function sequenceAfter(processId: string, lastEventId: string): number {
  const sequence = lastEventId.startsWith(`${processId}-`) ? Number(lastEventId.slice(processId.length + 1)) : 0;
  return Number.isSafeInteger(sequence) ? sequence : 0;
}
