import http from "node:http";
import https from "node:https";
import type { Readable } from "node:stream";
import {
  blame,
  failedPrecondition,
  isTwirpError,
  notFound,
  permissionDenied,
  resourceExhausted,
  unavailable,
} from "../platform/twirp/errors";
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
      const agent = url.protocol === "https:" ? agents["https:"] : agents["http:"];
      const { response, wasSilent } = await answer(url, agent, options, signal);
      const problem = problemOf(response) ?? sizeProblem(response, options.maxBytes);
      if (problem !== undefined) {
        response.destroy();
        throw problem;
      }
      return capped(response, options, { signal, wasSilent });
    },
    close() {
      agents["http:"].destroy();
      agents["https:"].destroy();
    },
  };
}

/** What the store began to answer, and whether it was given up later because nothing came any more. */
interface Answer {
  readonly response: http.IncomingMessage;
  readonly wasSilent: () => boolean;
}

function answer(
  url: URL,
  agent: http.Agent,
  { answerTimeoutMs, idleTimeoutMs }: SourceFetcherOptions,
  signal: AbortSignal,
): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  let silent = false;
  const endSilence = (what: string) => () => {
    silent = true;
    request.destroy(new Error(what));
  };
  const client = url.protocol === "https:" ? https : http;
  const request = client.get(url, { agent, signal, headers: { accept: "image/png, image/jpeg" } });
  const timer = setTimeout(endSilence(`no answer within ${answerTimeoutMs} ms`), answerTimeoutMs);
  request.setTimeout(idleTimeoutMs, endSilence(`silent for ${idleTimeoutMs} ms`));
  request.on("response", (response) => {
    clearTimeout(timer);
    resolve({ response, wasSilent: () => silent });
  });
  request.on("error", (error) => {
    clearTimeout(timer);
    const failure = silent
      ? blame(unavailable("the object store does not answer", error), "object_store_timeout")
      : blame(unavailable("the object store cannot be reached", error), "object_store_unreachable");
    reject(signal.aborted ? signal.reason : failure);
  });
  return promise;
}

function problemOf({ statusCode: status = 0, headers }: http.IncomingMessage) {
  if (status === 200) {
    return undefined;
  }
  if (status === 401 || status === 403) {
    const message = "source_url is refused by the object store: it has expired, or is not signed for this object";
    return blame(permissionDenied(message), "object_store_refused");
  }
  if (status === 404 || status === 410) {
    return blame(notFound("no object is behind source_url"), "object_store_missing");
  }
  if (status === 429) {
    const meta = { limit: "object_store", retry_after_ms: String(retryAfterMs(headers["retry-after"])) };
    return blame(resourceExhausted("the object store asks to come back later", meta), "object_store_busy");
  }
  if (status === 408 || status >= 500) {
    return blame(unavailable(`the object store answered ${status}`), "object_store_unavailable");
  }
  const message = `source_url is answered with status ${status}; only 200 is accepted and no redirect followed`;
  return blame(failedPrecondition(message), "object_store_unexpected");
}

/** Seconds of Retry-After (RFC 9110, section 10.2.3); its other form, a date, counts as no time given. */
function retryAfterMs(header: string | undefined): number {
  const seconds = /^\d{1,5}$/.test(header ?? "") ? Number(header) : 0;
  return seconds * 1_000;
}

function sizeProblem(response: http.IncomingMessage, maxBytes: number) {
  const declared = Number(response.headers["content-length"] ?? 0);
  return declared > maxBytes ? tooLarge(maxBytes) : undefined;
}

async function* capped(
  response: Readable,
  { maxBytes }: SourceFetcherOptions,
  { signal, wasSilent }: { signal: AbortSignal; wasSilent: () => boolean },
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
    const failure = wasSilent()
      ? blame(unavailable("the object store fell silent while sending the source", error), "object_store_timeout")
      : blame(unavailable("the object store broke off while sending the source", error), "object_store_cut_off");
    throw signal.aborted ? signal.reason : failure;
  } finally {
    response.destroy();
  }
}

function tooLarge(maxBytes: number) {
  return overLimit("input_bytes", `the image is larger than ${maxBytes} bytes`);
}
