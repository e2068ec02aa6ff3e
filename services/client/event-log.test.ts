import { describe, expect, it } from "vitest";
import { type ClientEvent, EventLog } from "./event-log";

const NOW = new Date("2026-01-01T00:00:00Z");

function about(key: string): ClientEvent {
  return { source: "callback", kind: "email-delivered", key, data: {} };
}

describe("EventLog", () => {
  it("keeps events in order of arrival", () => {
    const log = new EventLog(10);
    log.record(about("a"), NOW);
    log.record(about("b"), NOW);
    expect(log.after(0).map(({ key, sequence }) => [key, sequence])).toEqual([
      ["a", 1],
      ["b", 2],
    ]);
    expect(log.after(1).map(({ key }) => key)).toEqual(["b"]);
  });

  it("ignores a second event of the same key and tells nobody of it", () => {
    const log = new EventLog(10);
    const heard: string[] = [];
    log.listen(({ key }) => heard.push(key));
    expect(log.record(about("a"), NOW)).toBe(true);
    expect(log.record(about("a"), NOW)).toBe(false);
    expect(log.after(0)).toHaveLength(1);
    expect(heard).toEqual(["a"]);
  });

  it("lets the oldest go when it is full", () => {
    const log = new EventLog(3);
    for (const key of ["a", "b", "c", "d", "e"]) log.record(about(key), NOW);
    expect(log.after(0).map(({ key }) => key)).toEqual(["c", "d", "e"]);
  });

  it("has room of its own for alerts, and gives all in order of arrival", () => {
    const log = new EventLog(2);
    log.record({ source: "alert", kind: "alert-firing", key: "a", data: {} }, NOW);
    for (const key of ["a", "b", "c"]) log.record(about(key), NOW);
    log.record({ source: "alert", kind: "alert-resolved", key: "d", data: {} }, NOW);
    expect(log.after(0).map(({ source, key }) => [source, key])).toEqual([
      ["alert", "a"],
      ["callback", "b"],
      ["callback", "c"],
      ["alert", "d"],
    ]);
  });

  it("tells a listener nothing once it has stopped listening", () => {
    const log = new EventLog(3);
    const heard: string[] = [];
    const ignore = log.listen(({ key }) => heard.push(key));
    ignore();
    log.record(about("a"), NOW);
    expect(heard).toEqual([]);
    expect(log.listenerCount).toBe(0);
  });
});
