import cors from "@koa/cors";
import type { Middleware } from "koa";

/** What a page may send with a call: credential, encoding, deadline, request id and trace. */
const REQUEST_HEADERS = [
  "authorization",
  "content-type",
  "x-twirp-timeout-ms",
  "x-request-id",
  "traceparent",
  "tracestate",
];

/** What a page may read of an answer, beside what every page may read (Fetch, "CORS-safelisted response-header name"). */
const ANSWER_HEADERS = ["x-request-id", "retry-after"];

/** How long a browser may remember what it was granted, in seconds. */
const MAX_AGE_SECONDS = 600;

/**
 * Lets pages of some origins call the service from a browser (Fetch, "CORS protocol"). Pages of others get no leave, so that
 * their browsers keep answers from them and do not even send calls; requests of programs are not concerned. Credentials
 * travel in the header `authorization`; cookies are not admitted.
 *
 * @param origins as browsers send them, such as http://127.0.0.1:8087
 */
export function allowOrigins(origins: readonly string[]): Middleware {
  const allowed = new Set(origins);
  return cors({
    origin: ({ req }) => {
      const { origin } = req.headers;
      return origin !== undefined && allowed.has(origin) ? origin : "";
    },
    allowMethods: ["GET", "HEAD", "POST"],
    allowHeaders: REQUEST_HEADERS,
    exposeHeaders: ANSWER_HEADERS,
    maxAge: MAX_AGE_SECONDS,
  });
}
