import { describe, expect, it } from "vitest";
import { longestRecoveryMs } from "./recovery";
import { callbackOf, userOrder } from "./testing/evidence";

const fault = (what: string, endedAt: number) => ({ what, begunAt: endedAt - 10, endedAt });

describe("longestRecoveryMs", () => {
  it("is the longest time from a fault's end to the callback of what was asked for before", () => {
    const orders = [userOrder("a", { begunAt: 90 }), userOrder("b", { begunAt: 95 }), userOrder("c", { begunAt: 110 })];
    const callbacks = [callbackOf("a", { at: 150 }), callbackOf("b", { at: 180 }), callbackOf("c", { at: 900 })];
    expect(longestRecoveryMs([fault("outage", 100)], orders, callbacks)).toBe(80);
  });

  it("counts from the last time of a fault that was repeated, and from each of different ones", () => {
    const orders = [userOrder("a", { begunAt: 50 })];
    const callbacks = [callbackOf("a", { at: 400 })];
    expect(longestRecoveryMs([fault("kill job", 100), fault("kill job", 350)], orders, callbacks)).toBe(50);
    expect(longestRecoveryMs([fault("kill job", 100), fault("kill user", 350)], orders, callbacks)).toBe(300);
  });

  it("is 0 when everything had come through before, and for a repeat of a callback", () => {
    const callbacks = [callbackOf("a", { at: 60 }), callbackOf("a", { at: 400 })];
    expect(longestRecoveryMs([fault("kill job", 100)], [userOrder("a", { begunAt: 50 })], callbacks)).toBe(0);
  });
});
