/** An answer of the inbox over HTTP. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
}

/** JSON. */
export function json(body: unknown): HttpAnswer {
  return { status: 200, headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
}

/** Plain text, 200 unless another status is given. */
export function text(body: string | Buffer, status = 200): HttpAnswer {
  return { status, headers: { "content-type": "text/plain; charset=utf-8" }, body };
}

/** HTML under a Content-Security-Policy. */
export function html(body: string, policy: string): HttpAnswer {
  return {
    status: 200,
    headers: { "content-type": "text/html; charset=utf-8", "content-security-policy": policy },
    body,
  };
}
