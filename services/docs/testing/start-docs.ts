import type Router from "koa-router";
import { recordLog } from "../../../tests/support/record-log";
import type { ServiceName } from "../../platform/contract/read-spec";
import { createHealth } from "../../platform/health/health";
import { createHttpApp } from "../../platform/http/create-http-app";
import { listen } from "../../platform/http/listen";
import { createLifecycle } from "../../platform/lifecycle/lifecycle";
import { redocRoutes } from "../redoc-routes";
import { SpecLibrary } from "../spec-library";
import { swaggerUiRoutes } from "../swagger-ui-routes";

/** Base URL that nobody listens at: port 1 takes an administrator to open. */
export const NOWHERE = "http://127.0.0.1:1";

/** The docs service of a test. */
export interface RunningDocs {
  /** Base URL of Swagger UI. */
  readonly swaggerUi: string;
  /** Base URL of Redoc. */
  readonly redoc: string;
  /** Its log so far: JSON lines. */
  readonly log: readonly string[];
  stop(): Promise<void>;
}

/**
 * Starts both applications of the docs service on ports of their own.
 *
 * @param serviceUrls services that run; the others are nowhere
 */
export async function startDocs(serviceUrls: Partial<Record<ServiceName, string>> = {}): Promise<RunningDocs> {
  const { logger, lines } = recordLog();
  const { lifecycle, stop } = createLifecycle("docs");
  const library = new SpecLibrary({
    serviceUrls: { user: NOWHERE, job: NOWHERE, email: NOWHERE, image: NOWHERE, client: NOWHERE, ...serviceUrls },
    timeoutMs: 300,
    stopping: lifecycle.stopping,
    logger,
  });
  const serve = async (routes: Router): Promise<string> => {
    const app = createHttpApp({ name: "docs", logger, health: createHealth(lifecycle), routes });
    return `http://127.0.0.1:${(await listen(app, { host: "127.0.0.1", port: 0, logger, lifecycle })).port}`;
  };
  return {
    swaggerUi: await serve(swaggerUiRoutes(library)),
    redoc: await serve(redocRoutes(library)),
    log: lines,
    stop: () => stop("the test is over", 100),
  };
}
