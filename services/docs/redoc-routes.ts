import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Eta } from "eta";
import Router from "koa-router";
import { type Asset, addAssetRoutes, ownAsset, readAssets } from "./assets";
import { showPage } from "./show-page";
import type { SpecLibrary } from "./spec-library";
import { addSpecRoutes, parseSpecPath } from "./spec-routes";

/** Where Redoc would load its makers' logo from. */
const FOREIGN_IMAGES = "https://cdn.redoc.ly/redoc/";

/**
 * Redoc at `/?url=specs/user.yaml`, a page that lists all specs at `/`, the specs below `/specs` and what the pages load below
 * `/assets`.
 */
export function redocRoutes(library: SpecLibrary): Router {
  const eta = new Eta({ views: join(__dirname, "pages"), autoEscape: true, cache: true });
  const titles = library.titles();
  const router = new Router();
  router.get("/", (ctx) => {
    const url = new URLSearchParams(ctx.querystring).get("url");
    const file = parseSpecPath(url ?? "");
    if (file === undefined) {
      ctx.status = url === null ? 200 : 404;
      showPage(ctx, eta.render("./contents", { titles, unknown: url }));
      return;
    }
    const title = titles.find(({ service }) => service === file.service)?.title;
    showPage(ctx, eta.render("./redoc", { title, url: `/specs/${file.service}.${file.form}` }));
  });
  addSpecRoutes(router, library);
  const files = readAssets(
    require.resolve("swagger-ui-dist/favicon-32x32.png"),
    ownAsset("show-redoc.mjs"),
    ownAsset("docs.css"),
    ownAsset("logo-mini.svg"),
    ownAsset("logo-mini-full.svg"),
  );
  addAssetRoutes(router, [redocBundle(), ...files]);
  return router;
}

/** Redoc as its package has it, but with the logo from here: nothing is loaded from elsewhere. */
function redocBundle(): Asset {
  const script = readFileSync(require.resolve("redoc/bundles/redoc.standalone.js"), "utf8");
  return { name: "redoc.standalone.js", bytes: Buffer.from(script.replaceAll(FOREIGN_IMAGES, "/assets/")) };
}
