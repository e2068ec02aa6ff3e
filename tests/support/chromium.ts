import { spawnSync } from "node:child_process";
import { delimiter, join } from "node:path";
import { type Browser, chromium } from "playwright-core";

const PROGRAMS = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];
const VERSION_LIMIT_MS = 20_000;

/**
 * Finds a Chromium that runs: CHROMIUM_BIN, else the first of its usual names in PATH. On some systems a program of that name
 * only says how to install one.
 *
 * @returns its path; undefined where there is none
 */
export function findChromium(env: NodeJS.ProcessEnv): string | undefined {
  const named = env["CHROMIUM_BIN"] ?? "";
  const directories = (env["PATH"] ?? "").split(delimiter);
  const usual = PROGRAMS.flatMap((program) => directories.map((directory) => join(directory, program)));
  const candidates = named === "" ? usual : [named];
  return candidates.find((path) => spawnSync(path, ["--version"], { timeout: VERSION_LIMIT_MS }).status === 0);
}

/** Starts a Chromium without a window, and without the sandbox that refuses root: all pages here are our own. */
export function launchChromium(executablePath: string): Promise<Browser> {
  return chromium.launch({ executablePath, chromiumSandbox: false });
}
