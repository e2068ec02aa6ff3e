import http from "node:http";
import https from "node:https";
import type { Readable } from "node:stream";
import { failedPrecondition, isTwirpError, notFound, permissionDenied, unavailable } from "../platform/twirp/errors";
import { overLimit } from "./image-limits";

/** How sources are fetched. */
export interface SourceFetcherOptions {
  /** Largest source in bytes. */
  maxBytes: number;
  /** Longest time until the store's answer begins, in milliseconds. */
  answerTimeoutMs: number;
  /** Longest silence while the source arrives, in milliseconds. */
  idleTimeoutMs: number;
}

/** Fetches sources over connections that are kept open between them. */
export interface SourceFetcher {
  /**
   * Opens the source behind a URL that was checked before. No redirect is followed.
   *
   * The stream fails with a TwirpError: resource_exhausted (more than `maxBytes`), unavailable (cut off, or silent for
   * too long), or with the signal's reason.
   *
   * @throws TwirpError permission_denied, not_found, failed_precondition, resource_exhausted, unavailable; or the
   *   signal's reason
   */
  open(url: URL, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>>;
  /** Closes idle connections. */
  close(): void;
}

/** Creates a fetcher; see {@link SourceFetcher}. */
export function createSourceFetcher(options: SourceFetcherOptions): SourceFetcher {
  const agents = { "http:": new http.Agent({ keepAlive: true }), "https:": new https.Agent({ keepAlive: true }) };
  return {
    async open(url, signal) {
      const response = await answer(
        url,
        url.protocol === "https:" ? agents["https:"] : agents["http:"],
        options,
        signal,
      );
      const problem = problemOf(response.statusCode ?? 0) ?? sizeProblem(response, options.maxBytes);
      if (problem !== undefined) {
        response.destroy();
        throw problem;
      }
      return capped(response, options, signal);
    },
    close() {
      agents["http:"].destroy();
      agents["https:"].destroy();
    },
  };
}

function answer(
  url: URL,
  agent: http.Agent,
  { answerTimeoutMs, idleTimeoutMs }: SourceFetcherOptions,
  signal: AbortSignal,
): Promise<http.IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<http.IncomingMessage>();
  const client = url.protocol === "https:" ? https : http;
  const request = client.get(url, { agent, signal, headers: { accept: "image/png, image/jpeg" } });
  const timer = setTimeout(() => request.destroy(new Error(`no answer within ${answerTimeoutMs} ms`)), answerTimeoutMs);
  request.setTimeout(idleTimeoutMs, () => request.destroy(new Error(`silent for ${idleTimeoutMs} ms`)));
  request.on("response", (response) => {
    clearTimeout(timer);
    resolve(response);
  });
  request.on("error", (error) => {
    clearTimeout(timer);
    reject(signal.aborted ? signal.reason : unavailable("the object store cannot be reached", error));
  });
  return promise;
}

function problemOf(status: number) {
  if (status === 200) {
    return undefined;
  }
  if (status === 401 || status === 403) {
    return permissionDenied(
      "source_url is refused by the object store: it has expired, or is not signed for this object",
    );
  }
  if (status === 404 || status === 410) {
    return notFound("no object is behind source_url");
  }
  if (status === 408 || status === 429 || status >= 500) {
    return unavailable(`the object store answered ${status}`);
  }
  return failedPrecondition(
    `source_url is answered with status ${status}; only 200 is accepted and no redirect followed`,
  );
}

function sizeProblem(response: http.IncomingMessage, maxBytes: number) {
  const declared = Number(response.headers["content-length"] ?? 0);
  return declared > maxBytes ? tooLarge(maxBytes) : undefined;
}

async function* capped(
  response: Readable,
  { maxBytes }: SourceFetcherOptions,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  let received = 0;
  try {
    for await (const chunk of response) {
      received += chunk.length;
      if (received > maxBytes) {
        throw tooLarge(maxBytes);
      }
      yield chunk;
    }
  } catch (error) {
    if (isTwirpError(error)) {
      throw error;
    }
    throw signal.aborted ? signal.reason : unavailable("the object store broke off while sending the source", error);
  } finally {
    response.destroy();
  }
}

function tooLarge(maxBytes: number) {
  return overLimit("input_bytes", `the image is larger than ${maxBytes} bytes`);
}
