import { defineConfig } from "vitest/config";
import base from "./vitest.config.mjs";

/** `make test-compose`: the tests that need a Docker engine, one after the other on one stack. */
export default defineConfig({
  test: {
    ...base.test,
    include: ["tests/compose/**/*.compose.ts"],
    globalSetup: ["tests/compose/global-setup.ts"],
    maxWorkers: 1,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 60_000, interval: 250 } },
  },
});
