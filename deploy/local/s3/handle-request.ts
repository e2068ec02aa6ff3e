import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { type AuthenticationRules, authenticate } from "./authenticate";
import type { S3Answer, S3Limits } from "./context";
import { answerPreflight, setCorsHeaders } from "./cors";
import type { ObjectStorage } from "./object-storage";
import { parseRequestTarget } from "./request-target";
import { route } from "./route";
import { toS3Error } from "./s3-error";

/** What every request is handled with. */
export interface RequestHandling {
  readonly storage: ObjectStorage;
  readonly limits: S3Limits;
  readonly rules: AuthenticationRules;
  /** Receives what went wrong on our side. */
  readonly onError: (cause: unknown) => void;
}

/** Rest of a refused body that is read and thrown away, so that the client sees the answer rather than a reset. */
const maxDiscardedBytes = 32 * 1024 * 1024;

/** Answers one request; never rejects. */
export async function handleRequest(
  request: IncomingMessage,
  response: ServerResponse,
  handling: RequestHandling,
): Promise<void> {
  const requestId = randomUUID();
  response.setHeader("x-amz-request-id", requestId);
  response.setHeader("server", "mcsv-s3");
  try {
    if (answerPreflight(request, response)) {
      return;
    }
    setCorsHeaders(request, response);
    if (request.method === "GET" && request.url === "/healthz" && request.headers.authorization === undefined) {
      await send(response, { status: 200, headers: { "content-type": "text/plain" } });
      return;
    }
    const target = parseRequestTarget(request.url ?? "");
    const authentication = authenticate(request, target, handling.rules);
    const { storage, limits } = handling;
    await send(response, await route({ request, response, target, authentication, storage, limits }));
  } catch (cause) {
    if (request.destroyed && !request.complete) {
      response.destroy();
      return;
    }
    await sendError(request, response, requestId, cause, handling.onError);
  } finally {
    discardBody(request, response);
  }
}

async function send(response: ServerResponse, answer: S3Answer): Promise<void> {
  const { status, xml, data } = answer;
  const headers: Record<string, string> = { ...answer.headers };
  if (xml !== undefined) {
    headers["content-type"] = "application/xml";
    headers["content-length"] = String(Buffer.byteLength(xml));
  } else if (data === undefined && status === 200) {
    headers["content-length"] ??= "0";
  }
  response.writeHead(status, headers);
  if (data === undefined) {
    response.end(xml);
    return;
  }
  await pipeline(Readable.from(data, { objectMode: false, highWaterMark: 256 * 1024 }), response);
}

async function sendError(
  request: IncomingMessage,
  response: ServerResponse,
  requestId: string,
  cause: unknown,
  onError: (cause: unknown) => void,
): Promise<void> {
  const error = toS3Error(cause);
  if (response.headersSent) {
    // The client went away, or the file could not be read to its end: the length announced tells the client.
    response.destroy();
    return;
  }
  if (error.status >= 500) {
    onError(cause);
  }
  const xml = error.toXml(request.url?.replace(/\?.*$/, "") ?? "", requestId);
  await send(response, { status: error.status, headers: error.headers, xml });
}

function discardBody(request: IncomingMessage, response: ServerResponse): void {
  if (request.complete || request.destroyed || response.destroyed) {
    return;
  }
  let left = maxDiscardedBytes;
  request.on("data", (chunk: Buffer) => {
    left -= chunk.length;
    if (left < 0) {
      request.destroy();
    }
  });
  request.on("error", () => request.destroy());
}
