import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { describe, expect, it } from "vitest";
import { closeLogger, createLogger } from "../logging/create-logger";
import { waitFor } from "./wait-for";

function createWaiting() {
  const stream = new PassThrough();
  const logger = createLogger({ service: "sample", level: "info", format: "json", stream });
  const controller = new AbortController();
  const messages = async (): Promise<string[]> => {
    await closeLogger(logger);
    stream.end();
    const lines = (await text(stream)).split("\n").filter((line) => line !== "");
    return lines.map((line) => (JSON.parse(line) as { message: string }).message);
  };
  const options = { logger, signal: controller.signal, initialDelayMs: 1, maxDelayMs: 4 };
  return { options, controller, messages };
}

/** Fails with these messages, one a time, then succeeds. */
function failing(...reasons: readonly string[]) {
  const left = [...reasons];
  return () => {
    const reason = left.shift();
    return reason === undefined ? Promise.resolve() : Promise.reject(new Error(reason));
  };
}

describe("waitFor", () => {
  it("resolves silently when the dependency answers at once", async () => {
    const { options, messages } = createWaiting();
    await waitFor("postgres", failing(), options);
    expect(await messages()).toEqual([]);
  });

  it("logs each reason when it is another than before, and the end of the wait", async () => {
    const { options, messages } = createWaiting();
    await waitFor("postgres", failing("refused", "refused", "refused", "starting up", "starting up"), options);
    expect(await messages()).toEqual([
      "waiting for postgres: refused",
      "waiting for postgres: starting up",
      "postgres answers",
    ]);
  });

  it("pauses longer after each failure, up to a limit, and never in step with others", async () => {
    const { options } = createWaiting();
    const calls: number[] = [];
    const probe = failing(...Array.from({ length: 7 }, () => "refused"));
    await waitFor(
      "postgres",
      () => {
        calls.push(performance.now());
        return probe();
      },
      { ...options, initialDelayMs: 20, maxDelayMs: 80 },
    );
    const pauses = calls.slice(1).map((at, index) => at - (calls[index] ?? 0));
    // A pause is between half of 20, 40, 80, 80 … ms and all of it; timers may be early by less than 1 ms, and late.
    for (const [index, longest] of [20, 40, 80, 80, 80, 80, 80].entries()) {
      expect(pauses[index]).toBeGreaterThanOrEqual(longest / 2 - 1);
    }
    expect(new Set(pauses.slice(2).map((pause) => pause.toFixed(3))).size).toBeGreaterThan(1);
  });

  it("gives up an attempt that takes too long, although the probe does not heed its signal", async () => {
    const { options, messages } = createWaiting();
    let attempts = 0;
    let isAborted = false;
    await waitFor(
      "postgres",
      (signal) => {
        attempts++;
        signal.addEventListener("abort", () => {
          isAborted = true;
        });
        return attempts === 1 ? new Promise<void>(() => undefined) : Promise.resolve();
      },
      { ...options, attemptTimeoutMs: 20 },
    );
    expect(attempts).toBe(2);
    expect(isAborted).toBe(true);
    expect(await messages()).toContain("waiting for postgres: no answer within 20 ms");
  });

  it.each([
    ["while an attempt runs", () => new Promise<void>(() => undefined)],
    ["while it pauses", () => Promise.reject(new Error("refused"))],
  ])("rejects when its signal aborts %s", async (_when, probe) => {
    const { options, controller } = createWaiting();
    const waiting = waitFor("postgres", probe, { ...options, initialDelayMs: 60_000, maxDelayMs: 60_000 });
    setImmediate(() => controller.abort());
    await expect(waiting).rejects.toThrow(/abort/);
  });

  it("throws an error against which waiting does not help, and waits out the others", async () => {
    const { options, messages } = createWaiting();
    const isTransient = (error: unknown) => error instanceof Error && error.message === "refused";
    const waiting = waitFor("postgres", failing("refused", "syntax error"), { ...options, isTransient });
    await expect(waiting).rejects.toThrow("syntax error");
    expect(await messages()).toEqual(["waiting for postgres: refused"]);
  });

  it("does not try when its signal has aborted", async () => {
    const { options, controller } = createWaiting();
    controller.abort(new Error("stopping"));
    await expect(waitFor("postgres", () => Promise.resolve(), options)).rejects.toThrow("stopping");
  });

  it("names every address that refused", async () => {
    const { options, messages } = createWaiting();
    const refused = new AggregateError([
      new Error("connect ECONNREFUSED ::1:1"),
      new Error("connect ECONNREFUSED 127.0.0.1:1"),
    ]);
    let attempts = 0;
    await waitFor("postgres", () => (attempts++ === 0 ? Promise.reject(refused) : Promise.resolve()), options);
    expect(await messages()).toContain(
      "waiting for postgres: connect ECONNREFUSED ::1:1; connect ECONNREFUSED 127.0.0.1:1",
    );
  });
});
