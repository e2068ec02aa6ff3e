import { describe, expect, it } from "vitest";
import { createCallLimiter } from "./call-limiter";
import type { Caller } from "./caller";

const ADA: Caller = { role: "user", userId: "6f1c2b1e-8d0c-4c39-9a43-0f5a3f6f2a10" };
const BOB: Caller = { role: "user", userId: "7f1c2b1e-8d0c-4c39-9a43-0f5a3f6f2a10" };
const WEB: Caller = { role: "application", name: "web" };

function limiterOf(perSecond: number, burst: number) {
  const limiter = createCallLimiter({ application: { perSecond, burst }, user: { perSecond, burst } });
  const attempt = (caller: Caller) =>
    limiter.take(caller).then(
      () => true,
      () => false,
    );
  const attempts = async (caller: Caller, count: number) => {
    const outcomes = await Promise.all(Array.from({ length: count }, () => attempt(caller)));
    return outcomes.filter(Boolean).length;
  };
  return { limiter, attempt, attempts };
}

describe("the limit of a caller", () => {
  it("admits the calls of a second and the burst, and tells who is too fast when to come back", async () => {
    const { limiter } = limiterOf(3, 2);
    const calls = await Promise.allSettled(Array.from({ length: 9 }, () => limiter.take(ADA)));
    expect(calls.map(({ status }) => status)).toEqual([
      ...Array.from({ length: 5 }, () => "fulfilled"),
      ...Array.from({ length: 4 }, () => "rejected"),
    ]);
    for (const call of calls.slice(5)) {
      const refusal = call.status === "rejected" ? call.reason : undefined;
      expect(refusal).toMatchObject({ code: "resource_exhausted", msg: "too many calls; try again later" });
      const retryAfterMs = Number(refusal.meta.retry_after_ms);
      expect(retryAfterMs).toBeGreaterThan(0);
      expect(retryAfterMs).toBeLessThanOrEqual(1_000);
    }
  });

  it("admits again after that time", async () => {
    const { attempt, attempts } = limiterOf(1, 0);
    expect(await attempts(ADA, 2)).toBe(1);
    await expect.poll(() => attempt(ADA), { interval: 50, timeout: 3_000 }).toBe(true);
  });

  it("is its own: another user or application is not slowed down", async () => {
    const { attempts } = limiterOf(2, 0);
    expect(await attempts(ADA, 5)).toBe(2);
    expect(await attempts(BOB, 5)).toBe(2);
    expect(await attempts(WEB, 5)).toBe(2);
  });

  it("does not hold for services of ours", async () => {
    expect(await limiterOf(1, 0).attempts({ role: "service", name: "job" }, 100)).toBe(100);
  });
});
