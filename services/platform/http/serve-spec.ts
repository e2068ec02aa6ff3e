import { dump } from "js-yaml";
import type { Context, Middleware } from "koa";
import type { SpecNode } from "../contract/spec-node";

/** What is served, and how it says where the service is. */
export interface ServedSpec {
  /** The service's whole spec. */
  readonly document: SpecNode;
  /** Base URL of the service; by default the one at which it was asked. */
  readonly publicUrl?: string | undefined;
}

/** Stands for the service's URL in a text, with the quotes that JSON puts around it. */
const PLACE = "https://place-of-the-url.invalid";
const PLACE_IN_TEXT = /"?https:\/\/place-of-the-url\.invalid"?/;

interface Form {
  readonly type: string;
  render(document: SpecNode): string;
}

const FORMS: ReadonlyMap<string, Form> = new Map([
  [
    "/openapi.json",
    { type: "application/json; charset=utf-8", render: (document) => JSON.stringify(document, undefined, 2) },
  ],
  [
    "/openapi.yaml",
    {
      type: "application/yaml; charset=utf-8",
      render: (document) => dump(document, { noRefs: true, lineWidth: -1 }),
    },
  ],
]);

/**
 * Answers `GET /openapi.json` and `GET /openapi.yaml` with the spec. Its one server is the service where it really runs: at its
 * public URL, or else at the address that the request was sent to.
 */
export function serveSpec({ document, publicUrl }: ServedSpec): Middleware {
  const placed = { ...document, servers: [{ url: PLACE, description: "Where this service runs" }] };
  // Rendered when first asked for: most processes never are, and the text is large.
  const rendered = new Map<Form, readonly string[]>();
  return (ctx, next) => {
    const form = ctx.method === "GET" || ctx.method === "HEAD" ? FORMS.get(ctx.path) : undefined;
    if (form === undefined) {
      return next();
    }
    const parts = rendered.get(form) ?? form.render(placed).split(PLACE_IN_TEXT);
    rendered.set(form, parts);
    ctx.set({ "content-type": form.type, "cache-control": "no-cache" });
    // A text in JSON's quotes is the same text in YAML.
    ctx.body = parts.join(JSON.stringify(publicUrl ?? urlAskedAt(ctx)));
    return Promise.resolve();
  };
}

/** Base URL that the caller used. */
function urlAskedAt(ctx: Context): string {
  const url = URL.parse(`${ctx.protocol}://${ctx.host}`);
  if (url === null || url.pathname !== "/" || url.username !== "" || url.search !== "" || url.hash !== "") {
    ctx.throw(400, "the header host names no host");
  }
  return url.origin;
}
