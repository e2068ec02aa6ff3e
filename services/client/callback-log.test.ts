import { describe, expect, it } from "vitest";
import { type Callback, CallbackLog } from "./callback-log";

const NOW = new Date("2026-01-01T00:00:00Z");

function about(jobId: string): Callback {
  return { kind: "email-delivered", jobId, body: {} };
}

describe("CallbackLog", () => {
  it("keeps callbacks in order of arrival", () => {
    const log = new CallbackLog(10);
    log.record(about("a"), NOW);
    log.record(about("b"), NOW);
    expect(log.after(0).map(({ jobId, sequence }) => [jobId, sequence])).toEqual([
      ["a", 1],
      ["b", 2],
    ]);
    expect(log.after(1).map(({ jobId }) => jobId)).toEqual(["b"]);
  });

  it("ignores a second callback for the same job and tells nobody of it", () => {
    const log = new CallbackLog(10);
    const heard: string[] = [];
    log.listen(({ jobId }) => heard.push(jobId));
    expect(log.record(about("a"), NOW)).toBe(true);
    expect(log.record(about("a"), NOW)).toBe(false);
    expect(log.after(0)).toHaveLength(1);
    expect(heard).toEqual(["a"]);
  });

  it("lets the oldest go when it is full", () => {
    const log = new CallbackLog(3);
    for (const jobId of ["a", "b", "c", "d", "e"]) log.record(about(jobId), NOW);
    expect(log.after(0).map(({ jobId }) => jobId)).toEqual(["c", "d", "e"]);
  });

  it("tells a listener nothing once it has stopped listening", () => {
    const log = new CallbackLog(3);
    const heard: string[] = [];
    const ignore = log.listen(({ jobId }) => heard.push(jobId));
    ignore();
    log.record(about("a"), NOW);
    expect(heard).toEqual([]);
    expect(log.listenerCount).toBe(0);
  });
});
