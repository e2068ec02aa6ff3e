import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type Reporter, type TestSpecification } from "vitest/node";

/** Ends a run with one line for machines. A file that cannot be loaded and whatever else fails count as failed tests. */
const summary: Reporter = {
  onTestRunEnd(testModules, unhandledErrors, reason) {
    let passed = 0;
    let failed = unhandledErrors.length;
    for (const module of testModules) {
      passed += [...module.children.allTests("passed")].length;
      const failedTests = [...module.children.allTests("failed")].length;
      failed += failedTests === 0 && module.state() === "failed" ? 1 : failedTests;
    }
    if (failed === 0 && reason !== "passed") failed = 1;
    process.stdout.write(`${passed} passed, ${failed} failed\n`);
  },
};

/** Files that start whole stacks, or convert image after image. */
const LONG =
  /\/tests\/(e2e|chaos|telemetry|observability)\/|\/services\/job\/main\.test|\/services\/image\/conversions\.test/;

/** The files that take longest go first, so that nobody waits for one of them at the end. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => (LONG.test(moduleId) ? 0 : 1);
    return (await super.sort(files)).toSorted((a, b) => rank(a) - rank(b));
  }
}

export default defineConfig({
  test: {
    include: ["services/**/*.test.ts", "deploy/**/*.test.ts", "tests/**/*.test.ts"],
    globalSetup: ["tests/support/global-setup.ts"],
    reporters: ["default", summary],
    sequence: { sequencer: LongestFirst },
    // Tests mostly wait for processes and sockets: one more file than there are cores keeps the cores busy.
    maxWorkers: availableParallelism() + 1,
    testTimeout: 20_000,
    hookTimeout: 60_000,
    // A condition is waited for as long as a busy machine may need; the default is one second.
    expect: { poll: { timeout: 15_000 } },
  },
});
