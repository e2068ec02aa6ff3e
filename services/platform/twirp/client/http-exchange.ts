import { type Agent, type ClientRequest, request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import type { TwirpError } from "twirp-ts";
import { deadlineExceeded, resourceExhausted } from "../errors";
import type { CallScope } from "./call-scope";
import { transportError } from "./transport-error";

/** Where and how requests are sent. */
export interface Endpoint {
  readonly secure: boolean;
  readonly hostname: string;
  readonly port: number;
  readonly agent: Agent;
  /** Name for errors. */
  readonly target: string;
  readonly maxResponseBytes: number;
}

/** A whole response. */
export interface HttpAnswer {
  readonly status: number;
  readonly statusText: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: Buffer;
}

/** The connection was kept alive from a call before, and broke before a byte of the answer came: the server may just have closed it. */
export class StaleConnectionError extends Error {
  override readonly name = "StaleConnectionError";
  constructor(readonly error: TwirpError) {
    super(error.message);
  }
}

/**
 * Sends one POST request and reads its response, of at most `maxResponseBytes`.
 *
 * @param timeoutMs Time for this attempt; no more than the scope has left.
 * @param fresh Opens a connection of its own instead of taking one that was kept alive.
 * @throws TwirpError for every failure (StaleConnectionError for the one that its name says).
 */
export function exchange(
  endpoint: Endpoint,
  path: string,
  headers: Record<string, string | number>,
  body: Uint8Array | string,
  timeoutMs: number,
  scope: CallScope,
  fresh: boolean,
): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    if (scope.error !== undefined) {
      reject(scope.error);
      return;
    }
    const send = endpoint.secure ? httpsRequest : httpRequest;
    const { hostname, port } = endpoint;
    const agent = fresh ? false : endpoint.agent;
    const request: ClientRequest = send({ agent, method: "POST", hostname, port, path, headers });
    let response: IncomingMessage | undefined;
    let settled = false;
    const timer = timeoutMs < scope.remainingMs() ? setTimeout(onTimeout, timeoutMs) : undefined;

    function onTimeout(): void {
      fail(deadlineExceeded(`${endpoint.target} did not answer within ${timeoutMs} ms`, { target: endpoint.target }));
    }
    const settle = (): boolean => {
      if (settled) {
        return false;
      }
      settled = true;
      clearTimeout(timer);
      scope.offEnd(fail);
      return true;
    };
    const fail = (error: Error): void => {
      if (settle()) {
        request.destroy();
        reject(error);
      }
    };
    request.on("error", (error) => {
      const failure = transportError(error, endpoint.target);
      fail(
        request.reusedSocket && response === undefined && isReset(error) ? new StaleConnectionError(failure) : failure,
      );
    });
    request.on("response", (incoming) => {
      response = incoming;
      readResponse(incoming, endpoint, fail, (answer) => {
        if (settle()) {
          if (!request.writableFinished) {
            // Answered before it read all: sending the rest is of no use, and the connection neither.
            request.destroy();
          }
          resolve(answer);
        }
      });
    });
    scope.onEnd(fail);
    request.end(body);
  });
}

function readResponse(
  response: IncomingMessage,
  endpoint: Endpoint,
  fail: (error: Error) => void,
  done: (answer: HttpAnswer) => void,
): void {
  const { maxResponseBytes, target } = endpoint;
  const tooLarge = (): void =>
    fail(
      resourceExhausted(`response of ${target} is larger than ${maxResponseBytes} bytes`, {
        target,
        max_response_bytes: String(maxResponseBytes),
        permanent: "true",
      }),
    );
  if (Number(response.headers["content-length"] ?? 0) > maxResponseBytes) {
    tooLarge();
    return;
  }
  const chunks: Buffer[] = [];
  let size = 0;
  response.on("data", (chunk: Buffer) => {
    size += chunk.length;
    if (size > maxResponseBytes) {
      chunks.length = 0;
      tooLarge();
    } else {
      chunks.push(chunk);
    }
  });
  response.on("error", (error) => fail(transportError(error, target)));
  response.on("end", () => {
    const [first] = chunks;
    done({
      status: response.statusCode ?? 0,
      statusText: response.statusMessage ?? "",
      headers: response.headers,
      body: first !== undefined && chunks.length === 1 ? first : Buffer.concat(chunks, size),
    });
  });
}

function isReset(error: NodeJS.ErrnoException): boolean {
  return error.code === "ECONNRESET" || error.code === "EPIPE";
}
