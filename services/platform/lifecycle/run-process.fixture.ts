import { setTimeout as sleep } from "node:timers/promises";
import Router from "koa-router";
import { ClientService } from "../../../gen/twirp/mcsv/v1/client";
import { trustingAuthenticator } from "../auth/testing/trusting-authenticator";
import { defineConfig } from "../config/define-config";
import { serviceVariables } from "../config/service-variables";
import { durationMs, oneOf } from "../config/variables";
import { loadContract } from "../contract/load-contract";
import { createHealth } from "../health/health";
import { createServiceApp } from "../http/create-service-app";
import { openPort } from "../http/listen";
import { createLogger } from "../logging/create-logger";
import { runProcess } from "./run-process";
import { waitFor } from "./wait-for";

/** A small service for run-process.test.ts, which starts it as a process of its own. */
const fixtureConfig = defineConfig("fixture", {
  ...serviceVariables(8081),
  scenario: oneOf({
    env: "SCENARIO",
    description: "What happens at the start.",
    values: ["serve", "fail", "wait", "log"],
    default: "serve",
  }),
  stopMs: durationMs({
    env: "STOP_MS",
    description: "How long a part takes to stop.",
    min: 0,
    max: 60_000,
    default: 0,
  }),
});

runProcess(fixtureConfig, async ({ config, lifecycle }) => {
  const logger = createLogger({
    service: "fixture",
    level: config.logLevel,
    format: config.logFormat,
    sampleRatio: config.logSampleRatio,
  });
  lifecycle.useLogger(logger);
  const health = createHealth(lifecycle);
  // The configured port when one is set, else any: the log says which.
  const port = process.env["PORT"] === undefined ? 0 : config.port;
  const http = await openPort({ host: config.host, port, logger, lifecycle, health });
  lifecycle.onStop("first part", () => {
    logger.info("first part stopped");
  });
  lifecycle.onStop("second part", async () => {
    await sleep(config.stopMs);
    logger.info("second part stopped");
  });

  switch (config.scenario) {
    case "fail":
      throw new Error("the moon is missing");
    case "wait":
      health.register("the moon", lookForTheMoon);
      await waitFor("the moon", lookForTheMoon, { logger, signal: lifecycle.stopping });
      return;
    case "log":
      for (let index = 0; index < 100_000; index++) {
        logger.info("one of many lines", { index, padding: "x".repeat(50) });
      }
      process.kill(process.pid, "SIGTERM");
      return;
    case "serve":
  }

  const routes = new Router();
  routes.get("/slow", async (ctx) => {
    logger.info("slow request begins");
    await sleep(Number(ctx.query["ms"]));
    ctx.body = { slept: true };
  });
  routes.get("/throw", (ctx) => {
    ctx.body = {};
    setImmediate(() => {
      throw new Error("thrown in a callback");
    });
  });
  routes.get("/reject", (ctx) => {
    ctx.body = {};
    void Promise.reject(new Error("rejected and forgotten"));
  });
  http.serve(
    createServiceApp({
      contract: loadContract(ClientService),
      authenticator: trustingAuthenticator(),
      logger,
      health,
      twirp: { services: [], logger },
      routes,
    }),
  );
});

function lookForTheMoon(): Promise<void> {
  return Promise.reject(new Error("it is new moon"));
}
