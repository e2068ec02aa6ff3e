import { describe, expect, it } from "vitest";
import { pause } from "./pause";

describe("pause", () => {
  it("ends after its time", async () => {
    const { signal } = new AbortController();
    await pause(5, signal);
    expect(signal.aborted).toBe(false);
  });

  it.each(["before it begins", "while it lasts"])("ends without an error when the signal fires %s", async (when) => {
    const controller = new AbortController();
    if (when === "before it begins") controller.abort();
    const paused = pause(3_600_000, controller.signal);
    controller.abort(new Error("stopping"));
    await expect(paused).resolves.toBeUndefined();
  });
});
