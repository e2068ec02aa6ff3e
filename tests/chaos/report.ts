import { formatMs, table } from "../../services/client/cli/output";
import { type DrillReport, isPassed } from "./run-drill";

const HEAD = ["drill", "load", "injected faults", "lost", "doubled", "repeats", "longest recovery", ""];
/** Findings of a kind that are shown. */
const SHOWN = 5;

/** The table of all drills, and below it what was found. */
export function renderReport(reports: readonly DrillReport[]): string {
  const rows = reports.map(rowOf);
  const details = reports.flatMap(detailsOf);
  return [table(HEAD, rows), ...(details.length > 0 ? ["", ...details] : [])].join("\n");
}

/** One drill in one line, for those who watch. */
export function renderLine(report: DrillReport): string {
  const [name, load, faults, lost, doubled, repeats, recovery, verdict] = rowOf(report);
  if (report.skipped !== undefined) return `${name}: ${verdict}`;
  const counts = `lost ${lost}, doubled ${doubled}, repeats ${repeats}, longest recovery ${recovery}`;
  return `${name}: ${load}; ${faults}; ${counts}: ${verdict} (${formatMs(report.tookMs)})`;
}

function rowOf(report: DrillReport): string[] {
  const { name, users, conversions, faults, verdict, rounds, roundsPassed, skipped } = report;
  if (skipped !== undefined) return [name, "", "", "", "", "", "", `skipped: ${skipped}`];
  const passed = isPassed(report) ? "passed" : "FAILED";
  return [
    name,
    `${users} users, ${conversions} images`,
    faults,
    String(verdict.lost.length),
    String(verdict.doubled.length),
    String(verdict.repeats),
    formatMs(report.longestRecoveryMs),
    rounds === 1 ? passed : `${roundsPassed} of ${rounds} ${passed}`,
  ];
}

function detailsOf(report: DrillReport): string[] {
  const { name, verdict } = report;
  const lines = (kind: string, findings: readonly string[]) => [
    ...findings.slice(0, SHOWN).map((finding) => `${name}: ${kind}: ${finding}`),
    ...(findings.length > SHOWN ? [`${name}: ${kind}: ${findings.length - SHOWN} more`] : []),
  ];
  return [
    ...lines("lost", verdict.lost),
    ...lines("doubled", verdict.doubled),
    ...lines("problem", verdict.problems),
    ...(verdict.explained > 0 ? [`${name}: ${verdict.explained} failed for good, with a reason that was told`] : []),
  ];
}
