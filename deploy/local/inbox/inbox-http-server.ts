import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { type HttpAnswer, text } from "./http-answer";
import { answerRequest, type InboxCounters } from "./inbox-routes";
import type { Mailbox } from "./mailbox";

const maxBodyBytes = 1024 * 1024;

/** The HTTP side of the inbox. */
export function createInboxHttpServer(
  mailbox: Mailbox,
  counters: () => InboxCounters,
  onError: (cause: unknown) => void,
): Server {
  const answer = async (request: IncomingMessage): Promise<HttpAnswer> => {
    try {
      const url = new URL(request.url ?? "/", "http://inbox");
      const body = () => readJson(request);
      return await answerRequest({ method: request.method ?? "GET", url, body }, mailbox, counters());
    } catch (cause) {
      if (
        cause instanceof BadRequest ||
        (cause instanceof TypeError && "code" in cause && cause.code === "ERR_INVALID_URL")
      ) {
        return text(`Error: ${cause.message}`, 400);
      }
      onError(cause);
      return text("Error: internal", 500);
    }
  };
  const server = createServer({ requestTimeout: 30_000, headersTimeout: 20_000 }, (request, response) => {
    answer(request).then((result) => send(request, response, result), onError);
  });
  server.setTimeout(60_000);
  return server;
}

class BadRequest extends Error {}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBodyBytes) {
      throw new BadRequest("the body is too long");
    }
    chunks.push(chunk);
  }
  if (bytes === 0) {
    return undefined;
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString("utf8"));
  } catch (cause) {
    throw cause instanceof SyntaxError ? new BadRequest("the body is not JSON") : cause;
  }
}

function send(request: IncomingMessage, response: ServerResponse, answer: HttpAnswer): void {
  response.writeHead(answer.status, {
    "content-length": Buffer.byteLength(answer.body),
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    ...answer.headers,
  });
  response.end(request.method === "HEAD" ? undefined : answer.body);
  request.resume();
}
