import { join } from "node:path";
import { Eta } from "eta";
import Router from "koa-router";
import { addAssetRoutes, ownAsset, readAssets } from "./assets";
import { showPage } from "./show-page";
import { DOCUMENTED_SERVICES, type SpecLibrary } from "./spec-library";
import { addSpecRoutes } from "./spec-routes";

/** Swagger UI at `/`, with a choice of all specs, the specs below `/specs` and what the page loads below `/assets`. */
export function swaggerUiRoutes(library: SpecLibrary): Router {
  const eta = new Eta({ views: join(__dirname, "pages"), autoEscape: true });
  const page = eta.render("./swagger-ui", { services: DOCUMENTED_SERVICES });
  const router = new Router();
  router.get("/", async (ctx) => {
    showPage(ctx, page, { connectTo: await library.serverOrigins() });
  });
  addSpecRoutes(router, library);
  const files = readAssets(
    require.resolve("swagger-ui-dist/swagger-ui.css"),
    require.resolve("swagger-ui-dist/swagger-ui-bundle.js"),
    require.resolve("swagger-ui-dist/swagger-ui-standalone-preset.js"),
    require.resolve("swagger-ui-dist/favicon-32x32.png"),
    ownAsset("show-swagger-ui.js"),
    ownAsset("docs.css"),
  );
  addAssetRoutes(router, files);
  return router;
}
