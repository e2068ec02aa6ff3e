import type { Meter } from "@opentelemetry/api";

/** Bounds in seconds; the objectives are among them. */
const SECONDS = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60, 120, 300, 900, 3600];

/** What is measured of what users wait for, from its beginning to its end. */
export class JourneyMetrics {
  readonly #welcome;
  readonly #conversion;
  readonly #callback;

  constructor(meter: Meter) {
    const histogram = (name: string, description: string) =>
      meter.createHistogram(name, { unit: "s", description, advice: { explicitBucketBoundaries: SECONDS } });
    this.#welcome = histogram(
      "mcsv.welcome.duration",
      "Time from a user's creation until the welcome mail is delivered or its failure is known.",
    );
    this.#conversion = histogram(
      "mcsv.conversion.journey.duration",
      "Time from the order of a conversion until its PDF or its failure is known.",
    );
    this.#callback = histogram(
      "mcsv.callback.lag",
      "Time from when an outcome is known until the client service has acknowledged it.",
    );
  }

  /** Records that a user's welcome mail was delivered, or failed for good. @param result ok, or the code of the failure */
  welcomed(createdAt: Date, endedAt: Date, result: string): void {
    this.#welcome.record(seconds(createdAt, endedAt), { result });
  }

  /** Records that a conversion ended. @param result ok, or the code of the failure */
  converted(orderedAt: Date, endedAt: Date, result: string): void {
    this.#conversion.record(seconds(orderedAt, endedAt), { result });
  }

  /** Records that the client service has taken an outcome just now. */
  acknowledged(kind: "email" | "image", knownAt: Date): void {
    this.#callback.record(seconds(knownAt, new Date()), { kind });
  }
}

/** Clocks of different machines may disagree. */
function seconds(from: Date, to: Date): number {
  return Math.max(0, to.getTime() - from.getTime()) / 1000;
}
