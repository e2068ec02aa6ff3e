import type { IncomingMessage, ServerResponse } from "node:http";

/** Lets pages of any origin use the server: what protects it is signatures, and it sets no cookies. */
export function setCorsHeaders(request: IncomingMessage, response: ServerResponse): void {
  if (request.headers.origin !== undefined) {
    response.setHeader("access-control-allow-origin", "*");
    response.setHeader("access-control-expose-headers", "ETag, Content-Range, Content-Disposition, x-amz-request-id");
  }
}

/** Answers a preflight request (Fetch standard, section CORS-preflight), which is never signed. */
export function answerPreflight(request: IncomingMessage, response: ServerResponse): boolean {
  if (request.method !== "OPTIONS" || request.headers["access-control-request-method"] === undefined) {
    return false;
  }
  setCorsHeaders(request, response);
  response.setHeader("access-control-allow-methods", "GET, HEAD, PUT, POST, DELETE");
  response.setHeader("access-control-allow-headers", request.headers["access-control-request-headers"] ?? "*");
  response.setHeader("access-control-max-age", "3600");
  response.setHeader("vary", "Origin, Access-Control-Request-Method, Access-Control-Request-Headers");
  response.writeHead(200, { "content-length": "0" });
  response.end();
  return true;
}
