import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { describe, expect, it } from "vitest";
import { closeLogger, createLogger } from "../logging/create-logger";
import { createLifecycle } from "./lifecycle";

/** A lifecycle that logs to memory, and the messages when it is over. */
function createLogged() {
  const owned = createLifecycle("sample");
  const stream = new PassThrough();
  const logger = createLogger({ service: "sample", level: "info", format: "json", stream });
  owned.lifecycle.useLogger(logger);
  const messages = async (): Promise<string[]> => {
    await closeLogger(logger);
    stream.end();
    const lines = (await text(stream)).trimEnd().split("\n");
    return lines.map((line) => (JSON.parse(line) as { message: string }).message);
  };
  return { ...owned, messages };
}

const never = () => new Promise<void>(() => undefined);

describe("createLifecycle", () => {
  it("goes from starting over ready to stopping, and never back", async () => {
    const { lifecycle, stop } = createLifecycle("sample");
    expect(lifecycle.state).toBe("starting");
    expect(lifecycle.stopping.aborted).toBe(false);
    lifecycle.markReady();
    expect(lifecycle.state).toBe("ready");
    const stopped = stop("a test", 100);
    expect(lifecycle.state).toBe("stopping");
    expect(lifecycle.stopping.aborted).toBe(true);
    lifecycle.markReady();
    await stopped;
    expect(lifecycle.state).toBe("stopping");
  });

  it("stops one part after the other, the last registered first, once", async () => {
    const { lifecycle, stop } = createLifecycle("sample");
    const stopped: string[] = [];
    for (const name of ["pool", "workers", "http"]) {
      lifecycle.onStop(name, async () => {
        stopped.push(`${name} begins`);
        await new Promise((resolve) => setImmediate(resolve));
        stopped.push(`${name} ends`);
      });
    }
    await Promise.all([stop("a test", 1_000), stop("again", 1_000)]);
    expect(stopped).toEqual(["http begins", "http ends", "workers begins", "workers ends", "pool begins", "pool ends"]);
  });

  it("stops a part that another registers while it stops", async () => {
    const { lifecycle, stop } = createLifecycle("sample");
    let isStopped = false;
    lifecycle.onStop("outer", () => {
      lifecycle.onStop("inner", () => {
        isStopped = true;
      });
    });
    await stop("a test", 1_000);
    expect(isStopped).toBe(true);
  });

  it("goes on after a part that fails, synchronously or not, and logs why", async () => {
    const { lifecycle, stop, messages } = createLogged();
    let isLastStopped = false;
    lifecycle.onStop("last", () => {
      isLastStopped = true;
    });
    lifecycle.onStop("rejecting", () => Promise.reject(new Error("lost connection")));
    lifecycle.onStop("throwing", () => {
      throw new Error("no such thing");
    });
    await stop("a test", 1_000);
    expect(isLastStopped).toBe(true);
    expect(await messages()).toEqual([
      "sample is stopping",
      "throwing did not stop cleanly: no such thing",
      "rejecting did not stop cleanly: lost connection",
      "sample has stopped",
    ]);
  });

  it("tells parts when the time is over, and leaves those behind that do not heed it", async () => {
    const { lifecycle, stop, messages } = createLogged();
    let isCutOff = false;
    lifecycle.onStop("deaf", never);
    lifecycle.onStop(
      "heeding",
      (deadline) =>
        new Promise((resolve) => {
          deadline.addEventListener("abort", () => {
            isCutOff = true;
            resolve();
          });
        }),
    );
    const startedAt = performance.now();
    await stop("a test", 50);
    expect(performance.now() - startedAt).toBeLessThan(10_000);
    expect(isCutOff).toBe(true);
    expect(await messages()).toContain("deaf did not finish in time and is cut off");
  });
});
