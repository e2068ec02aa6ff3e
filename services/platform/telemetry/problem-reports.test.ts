import { describe, expect, it } from "vitest";
import { ProblemReports } from "./problem-reports";

function reportsAt(clock: { ms: number }) {
  const told: unknown[] = [];
  const reports = new ProblemReports(() => clock.ms);
  return { reports, told, listen: () => reports.listen((message, fields) => told.push([message, fields])) };
}

describe("ProblemReports", () => {
  it("tells what lasts once a minute, and how often it has happened in between", () => {
    const clock = { ms: 0 };
    const { reports, told, listen } = reportsAt(clock);
    listen();
    for (clock.ms = 0; clock.ms <= 60_000; clock.ms += 10_000) {
      reports.report("export", "spans could not be sent", { at: clock.ms });
    }
    expect(told).toEqual([
      ["spans could not be sent", { at: 0 }],
      ["spans could not be sent", { at: 60_000, repeated: 5 }],
    ]);
  });

  it("tells each kind of problem apart, up to a number of them", () => {
    const { reports, told, listen } = reportsAt({ ms: 0 });
    listen();
    for (let index = 0; index < 1_000; index++) {
      reports.report(`kind ${index}`, "telemetry complains", {});
    }
    expect(told).toHaveLength(100);
  });

  it("keeps what happens before somebody listens", () => {
    const { reports, told, listen } = reportsAt({ ms: 0 });
    reports.report("early", "telemetry complains", { problem: "early" });
    listen();
    expect(told).toEqual([["telemetry complains", { problem: "early" }]]);
  });
});
