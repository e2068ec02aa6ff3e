import type { Drill } from "./drill";
import type { Evidence, Verdict } from "./judge/evidence";
import { gatherEvidence, settled } from "./judge/gather-evidence";
import { judge } from "./judge/judge";
import { longestRecoveryMs } from "./judge/recovery";
import type { Picture } from "./load/pictures";
import { type ConversionOrder, type SteadyLoad, startSteadyLoad, type UserOrder } from "./load/steady-load";
import { openScene, type Scene } from "./scene";

/** How a drill has gone. */
export interface DrillReport {
  readonly name: string;
  readonly users: number;
  readonly conversions: number;
  readonly faults: string;
  readonly rounds: number;
  readonly roundsPassed: number;
  readonly verdict: Verdict;
  readonly longestRecoveryMs: number;
  /** Answers to the load that were no success, by Twirp code. */
  readonly errors: Readonly<Record<string, number>>;
  readonly tookMs: number;
  /** Why the drill could not be done here. */
  readonly skipped?: string;
}

/** Load of a drill: steady, and small enough for two cores. */
const LOAD = { usersPerSecond: 8, usersPerConversion: 4, maxUsers: 1_000 };
/** Orders that are acknowledged before the first fault and after the last one. */
const CALM_ORDERS = 8;
/** Time until a load is acknowledged, and until all that it was promised has happened, on a busy machine. */
const PATIENCE_MS = 120_000;

/** Time for a whole drill, after which it is given up. */
const DRILL_LIMIT_MS = 15 * 60_000;

/** Whether nothing was lost, doubled or left over. */
export function isPassed({ roundsPassed, rounds, skipped }: DrillReport): boolean {
  return skipped !== undefined || roundsPassed === rounds;
}

/**
 * Runs a drill on a stack of its own: load, faults, calm, judgement. Nothing that it has started is left running, and nothing
 * that it has stored is left.
 *
 * @throws the signal's reason, when it fires before the end
 */
export async function runDrill(drill: Drill, pictures: readonly Picture[], signal: AbortSignal): Promise<DrillReport> {
  const began = Date.now();
  const limited = AbortSignal.any([signal, AbortSignal.timeout(DRILL_LIMIT_MS)]);
  const preparation = await drill.prepare?.();
  if (typeof preparation === "string") return { ...emptyReport(drill), skipped: preparation };
  try {
    const scene = await openScene({ ...drill.env, ...preparation?.env });
    try {
      const report = await Promise.race([runRounds(scene, drill, pictures), aborted(limited)]);
      return { ...report, tookMs: Date.now() - began };
    } finally {
      await scene.close();
    }
  } catch (error) {
    signal.throwIfAborted();
    const problems = [`broke off: ${error instanceof Error ? error.message : String(error)}`];
    const report = emptyReport(drill);
    return { ...report, verdict: { ...report.verdict, problems }, tookMs: Date.now() - began };
  } finally {
    await preparation?.undo();
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}

/** Runs all rounds of a drill on a stack that is there. */
export async function runRounds(scene: Scene, drill: Drill, pictures: readonly Picture[]): Promise<DrillReport> {
  const { name, rounds = 1 } = drill;
  const all = { users: [] as UserOrder[], conversions: [] as ConversionOrder[] };
  const errors: Record<string, number> = {};
  let roundsPassed = 0;
  let findings = 0;
  let evidence: Evidence | undefined;
  let verdict: Verdict = { lost: [], doubled: [], problems: [], repeats: 0, explained: 0 };
  for (let round = 1; round <= rounds; round += 1) {
    const load = startSteadyLoad({ ...LOAD, callers: scene.callers, pictures });
    const broken: string[] = [];
    try {
      await load.acknowledged(CALM_ORDERS, PATIENCE_MS);
      await drill.inject(scene);
      await load.acknowledged(CALM_ORDERS, PATIENCE_MS);
    } catch (error) {
      broken.push(`round ${round} broke off: ${error instanceof Error ? error.message : String(error)}`);
    }
    await load.stop(PATIENCE_MS);
    all.users.push(...load.users);
    all.conversions.push(...load.conversions);
    addErrors(errors, load);
    evidence = await gatherEvidence(scene, all, [...broken, ...(await settled(scene, PATIENCE_MS))]);
    verdict = judge(evidence);
    const found = verdict.lost.length + verdict.doubled.length + verdict.problems.length;
    if (found === findings) roundsPassed += 1;
    findings = found;
  }
  return {
    name,
    users: all.users.length,
    conversions: all.conversions.length,
    faults: scene.faults.summary(),
    rounds,
    roundsPassed,
    verdict,
    longestRecoveryMs: longestRecoveryMs(
      scene.faults.faults,
      [...all.users, ...all.conversions],
      evidence?.callbacks ?? [],
    ),
    errors,
    tookMs: 0,
  };
}

function addErrors(sum: Record<string, number>, { errors }: SteadyLoad): void {
  for (const [code, count] of errors) sum[code] = (sum[code] ?? 0) + count;
}

function emptyReport({ name, rounds = 1 }: Drill): DrillReport {
  return {
    name,
    users: 0,
    conversions: 0,
    faults: "",
    rounds,
    roundsPassed: 0,
    verdict: { lost: [], doubled: [], problems: [], repeats: 0, explained: 0 },
    longestRecoveryMs: 0,
    errors: {},
    tookMs: 0,
  };
}
