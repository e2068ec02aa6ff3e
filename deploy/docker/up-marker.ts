import { rmSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { readJson } from "../local/processes/run-directory";
import { writeJsonAtomically } from "../local/processes/write-json";
import { OBJECT_STORES, PROFILES } from "./compose-settings";

const marker = z.object({
  project: z.string(),
  profile: z.enum(PROFILES),
  objectStore: z.enum(OBJECT_STORES),
  portOffset: z.number().int(),
});

/** What was brought up in containers and not taken down since: later commands work on that. */
export type UpMarker = z.infer<typeof marker>;

/** undefined when no stack of containers is up. @param directory `.local` of the checkout. */
export function readUpMarker(directory: string): UpMarker | undefined {
  return readJson(path(directory), marker);
}

/** Remembers it. */
export function writeUpMarker(directory: string, { project, profile, objectStore, portOffset }: UpMarker): void {
  writeJsonAtomically(path(directory), { project, profile, objectStore, portOffset });
}

/** Forgets it. */
export function removeUpMarker(directory: string): void {
  rmSync(path(directory), { force: true });
}

function path(directory: string): string {
  return join(directory, "docker", "up.json");
}
