import type { Reporter, SerializedError, TestModule } from "vitest/node";

/** Ends the output of a run with one line for machines: "12 passed, 0 failed". */
export class SummaryReporter implements Reporter {
  /** A file that cannot be loaded, and an error outside of every test, count as failed tests. */
  onTestRunEnd(testModules: readonly TestModule[], unhandledErrors: readonly SerializedError[]): void {
    let passed = 0;
    let failed = unhandledErrors.length;
    for (const module of testModules) {
      passed += [...module.children.allTests("passed")].length;
      const failedTests = [...module.children.allTests("failed")].length;
      failed += failedTests === 0 && module.state() === "failed" ? 1 : failedTests;
    }
    process.stdout.write(`${passed} passed, ${failed} failed\n`);
  }
}
