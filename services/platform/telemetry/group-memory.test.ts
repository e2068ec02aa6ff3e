import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { groupMemory } from "./group-memory";

let group: string;
beforeEach(() => {
  group = mkdtempSync(join(tmpdir(), "mcsv-group-"));
});
afterEach(() => rmSync(group, { recursive: true }));

it("counts what the group holds, without cached files that the kernel drops first", () => {
  writeFileSync(join(group, "memory.current"), "300000000\n");
  writeFileSync(join(group, "memory.stat"), "anon 120000000\nactive_file 4096\ninactive_file 100000000\nshmem 5\n");
  expect(groupMemory(group)).toBe(200_000_000);
});

it("counts everything where the group does not tell them apart", () => {
  writeFileSync(join(group, "memory.current"), "300000000\n");
  expect(groupMemory(group)).toBe(300_000_000);
});

it("knows nothing of a group that does not count its memory", () => {
  expect(groupMemory(group)).toBeUndefined();
});
