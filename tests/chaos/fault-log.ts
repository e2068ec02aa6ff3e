import type { Kill } from "./judge/evidence";

/** A fault that was injected. */
export interface Fault {
  readonly what: string;
  /** Epoch milliseconds; the same as endedAt for what takes no time. */
  readonly begunAt: number;
  readonly endedAt: number;
}

/** What was done to a stack, and when. */
export class FaultLog {
  readonly #faults: Fault[] = [];
  readonly #kills: Kill[] = [];

  get faults(): readonly Fault[] {
    return this.#faults;
  }

  get kills(): readonly Kill[] {
    return this.#kills;
  }

  /** Notes a fault without duration. */
  note(what: string): void {
    const now = Date.now();
    this.#faults.push({ what, begunAt: now, endedAt: now });
  }

  /** Notes that a process was ended by force. */
  noteKill(component: string, signal: NodeJS.Signals): void {
    this.#kills.push({ component, at: Date.now() });
    this.note(`${signal} ${component}`);
  }

  /** Notes a fault that lasts until `work` is done. */
  async during(what: string, work: () => Promise<void>): Promise<void> {
    const begunAt = Date.now();
    await work();
    this.#faults.push({ what, begunAt, endedAt: Date.now() });
  }

  /** All faults in a few words: "3 x SIGKILL job, object store down 3.1 s". */
  summary(): string {
    const byWhat = Map.groupBy(this.#faults, ({ what }) => what);
    return [...byWhat]
      .map(([what, faults]) => {
        const seconds = faults.reduce((sum, { begunAt, endedAt }) => sum + endedAt - begunAt, 0) / 1000;
        return `${faults.length > 1 ? `${faults.length} x ` : ""}${what}${seconds >= 0.1 ? ` ${seconds.toFixed(1)} s` : ""}`;
      })
      .join(", ");
  }
}
