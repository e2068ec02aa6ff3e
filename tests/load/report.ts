import { table } from "../../services/client/cli/output";

/** One line of the report. */
export interface BenchRow {
  readonly what: string;
  /** The measured value, with its unit. */
  readonly value: string;
  /** The value as a ratio of what it is compared with, measured in the same run; unset without a comparison. */
  readonly ratio?: string;
  /** What is aimed at. */
  readonly aim?: string;
  readonly verdict: Verdict;
}

/** Whether an aim was met; "noisy" when the machine was too noisy to tell. */
export type Verdict = "met" | "missed" | "noisy" | "-";

/** One part of the bench: its rows for people, its raw numbers for programs. */
export interface BenchSection {
  readonly title: string;
  readonly rows: readonly BenchRow[];
  readonly data: unknown;
}

/** Renders the whole report as one table. */
export function renderReport(sections: readonly BenchSection[]): string {
  const rows = sections.flatMap(({ title, rows }) => [
    [title, "", "", "", ""],
    ...rows.map(({ what, value, ratio, aim, verdict }) => [`  ${what}`, value, ratio ?? "-", aim ?? "-", verdict]),
  ]);
  return table(["what", "value", "ratio", "aim", "verdict"], rows);
}

/** Judges an aim, unless the machine was too noisy. */
export function judge(isMet: boolean, isNoisy: boolean): Verdict {
  if (isNoisy) return "noisy";
  return isMet ? "met" : "missed";
}
