import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";
import { SummaryReporter } from "./tests/support/summary-reporter.js";

export default defineConfig({
  test: {
    include: ["services/**/*.test.ts", "deploy/**/*.test.ts", "tests/**/*.test.ts"],
    globalSetup: ["tests/support/global-setup.ts"],
    reporters: ["default", new SummaryReporter()],
    // Tests mostly wait for processes and sockets: one more file than there are cores keeps the cores busy.
    maxWorkers: availableParallelism() + 1,
    testTimeout: 20_000,
    hookTimeout: 60_000,
  },
});
