import { dump } from "js-yaml";
import type Router from "koa-router";
import type { ServiceName } from "../platform/contract/read-spec";
import { DOCUMENTED_SERVICES, type SpecLibrary } from "./spec-library";

/** A spec in one of its two forms. */
export interface SpecFile {
  readonly service: ServiceName;
  readonly form: "json" | "yaml";
}

/**
 * Reads `specs/user.yaml`, also with a slash before it.
 *
 * @returns undefined for anything that is no spec of ours
 */
export function parseSpecPath(path: string): SpecFile | undefined {
  const [, name, form] = /^(?:\.?\/)?specs\/(\w+)\.(json|yaml)$/.exec(path) ?? [];
  const service = DOCUMENTED_SERVICES.find((known) => known === name);
  return service === undefined || (form !== "json" && form !== "yaml") ? undefined : { service, form };
}

/** Adds `GET /specs/<service>.json` and `GET /specs/<service>.yaml`. */
export function addSpecRoutes(router: Router, library: SpecLibrary): void {
  router.get("/specs/:file", async (ctx, next) => {
    const file = parseSpecPath(ctx.path);
    if (file === undefined) {
      return next();
    }
    const document = await library.read(file.service);
    ctx.set("cache-control", "no-cache");
    ctx.type = `application/${file.form}; charset=utf-8`;
    ctx.body = file.form === "json" ? JSON.stringify(document) : dump(document, { noRefs: true, lineWidth: -1 });
  });
}
