import { describe, expect, it } from "vitest";
import { ConversionSlots } from "./conversion-slots";

describe("ConversionSlots", () => {
  it("refuses at once what comes when all slots are taken, and may be tried again", async () => {
    const slots = new ConversionSlots(2);
    const { promise, resolve } = Promise.withResolvers<string>();
    const running = [slots.run(() => promise), slots.run(() => promise)];

    const refused = slots.run(() => Promise.resolve("never"));

    await expect(refused).rejects.toMatchObject({ code: "resource_exhausted", meta: { limit: "concurrency" } });
    resolve("done");
    expect(await Promise.all(running)).toEqual(["done", "done"]);
  });

  it("frees the slot of work that failed", async () => {
    const slots = new ConversionSlots(1);

    await expect(slots.run(() => Promise.reject(new Error("broken")))).rejects.toThrow("broken");

    expect(await slots.run(() => Promise.resolve("done"))).toBe("done");
  });
});
